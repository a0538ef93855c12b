//! The vocabulary of the field tables: what one field is, and everything that follows from it.
//!
//! A field is described once, in the table of its kind ([`super::kinds`]). Validation, JSON Schema, the reference
//! page, the diff, request bodies, redaction and effects are all derived from that description, so that a field
//! added to a table needs no other edit.

/// One field of a kind, as files and API spell it.
#[derive(Debug, Clone, Copy)]
pub struct Field {
    /// The name, as the API spells it.
    pub name: &'static str,
    /// What values it takes.
    pub shape: Shape,
    /// Who decides its value.
    pub owner: Owner,
    /// When the platform requires it.
    pub need: Need,
    /// Whether the create model of the API has it. What it lacks follows as an update after the create's job.
    pub in_create: bool,
    /// Whether the update model of the API has it.
    pub in_update: bool,
    /// Whether values must never be shown.
    pub sensitive: bool,
    /// What changing it does to a running environment (DOMAIN 2.12).
    pub effect: Effect,
    /// How an explicit `null` is said to the API.
    pub clear: Clear,
    /// What the API means when the field is absent; an absent live field equals this declared value.
    pub default: Option<Literal>,
    /// The rule (DOMAIN.md) that a value of the wrong type, enum or bounds breaks; a `SHAPE-` code when there is none.
    pub rule: Option<&'static str>,
    /// The rule that a change breaks once the resource exists; a `PLAN-` code when there is none.
    pub fixed_by: Option<&'static str>,
    /// The rule that a value of the platform breaks by standing in a file; SHAPE-008 when there is none.
    pub ignored: Option<&'static str>,
    /// One line of documentation.
    pub doc: &'static str,
    /// A value to show in schemas and on the reference page.
    pub example: Option<Literal>,
}

/// What values a field takes.
#[derive(Debug, Clone, Copy)]
pub enum Shape {
    /// An object with fields of its own.
    Object(&'static [Field]),
    /// A list of objects.
    List(ListShape),
    /// A list of addresses of other resources.
    Addresses,
    /// Text in a certain format.
    Text(Format),
    /// A whole number between two bounds, both included.
    Integer(i64, i64),
    /// True or false.
    Boolean,
}

/// A list of objects: how its items are told apart and what leaving one out means.
#[derive(Debug, Clone, Copy)]
pub struct ListShape {
    /// The fields of one item, key fields first.
    pub items: &'static [Field],
    /// What makes two items the same item.
    pub key: ListKey,
    /// Whether the declared list is the whole list.
    pub mode: ListMode,
    /// The field that a bare value stands for in the mapping spelling (`Name: value`).
    pub short: Option<&'static str>,
    /// The rule that two items with one key break.
    pub duplicate: &'static str,
    /// Whether only the platform adds items: the files change those that are live.
    pub closed: bool,
    /// Whether an item that is not live is one whose fields have their defaults: there is no adding and no removing,
    /// only other values.
    pub standing: bool,
    /// Which live items an exact list keeps although it does not name them.
    pub spared: Option<Spared>,
}

impl ListShape {
    /// A list whose undeclared items stay, without further properties; the builders below add them.
    pub const fn merge(items: &'static [Field], key: ListKey) -> ListShape {
        let (duplicate, mode) = ("SHAPE-010", ListMode::Merge);
        ListShape { items, key, mode, short: None, duplicate, closed: false, standing: false, spared: None }
    }

    /// The same for a list that is the whole list.
    pub const fn exact(items: &'static [Field], key: ListKey) -> ListShape {
        ListShape { mode: ListMode::Exact, ..ListShape::merge(items, key) }
    }

    /// Sets the field that a bare value stands for.
    pub const fn short(self, field: &'static str) -> ListShape {
        ListShape { short: Some(field), ..self }
    }

    /// Sets the rule that two items with one key break.
    pub const fn duplicate(self, rule: &'static str) -> ListShape {
        ListShape { duplicate: rule, ..self }
    }

    /// Leaves adding items to the platform.
    pub const fn closed(self) -> ListShape {
        ListShape { closed: true, ..self }
    }

    /// Makes items that are not live ones whose fields have their defaults.
    pub const fn standing(self) -> ListShape {
        ListShape { standing: true, ..self }
    }

    /// Sets which live items an exact list keeps although it does not name them.
    pub const fn spared(self, spared: Spared) -> ListShape {
        ListShape { spared: Some(spared), ..self }
    }
}

/// Items that the platform itself puts into a list, so that only `absent: true` takes them out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Spared {
    /// Those whose field has this value.
    With(&'static str, &'static str),
    /// The one whose key or other text the field beside the list repeats.
    NamedBeside(&'static str),
}

/// What makes two items of a list the same item.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ListKey {
    /// The values of these fields, which exist for the purpose.
    Natural(&'static [&'static str]),
    /// The content of this field, by hash: the item has no name.
    Content(&'static str),
}

/// What leaving an item out of a declared list means.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum ListMode {
    /// Undeclared items stay; `absent: true` removes one.
    Merge,
    /// The declared list is the list.
    Exact,
}

impl ListMode {
    /// The word for it in files.
    pub const fn name(self) -> &'static str {
        match self {
            ListMode::Merge => "merge",
            ListMode::Exact => "exact",
        }
    }
}

/// The format of a text; it decides what is valid and which spellings mean the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// Any text.
    Plain,
    /// Text that must not be empty.
    NonEmpty,
    /// One of these words.
    Enum(&'static [&'static str]),
    /// A UUID of any version; compared without regard to case.
    Uuid,
    /// Text of 1 to this many characters.
    Short(usize),
    /// A version `x.y.z` of at most 20 characters (BLD-02).
    Version,
    /// The name of a package, which becomes part of a file name.
    PackageName,
    /// An environment's internal name (ID-03, ID-04).
    EnvironmentId,
    /// A mail address; compared lower-cased.
    Mail,
    /// An absolute http or https URL; scheme and host compared lower-cased, a trailing slash is nothing (URL-05).
    Url,
    /// Base64; blanks are nothing.
    Base64,
    /// A decimal number without a unit, in text (RES-01); compared as a number.
    Decimal,
    /// A small JSON-like map in text, quoted in several ways (SVC, NOTES 8.1).
    RelaxedJson,
}

/// Who decides a field's value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Owner {
    /// The files, when they mention it.
    Managed,
    /// The files: it names the resource, or the place where it is.
    Identity,
    /// The files, once: a later change is blocked.
    Immutable,
    /// The files, on create only; afterwards neither compared nor sent anew.
    CreateOnly,
    /// The files; the API accepts it and never returns it.
    WriteOnly,
    /// Sent with a new item, never a state.
    Command,
    /// The platform. A value in a file is ignored with a warning. `carried` says whether an update sends the live
    /// value back (the update model has the field) or leaves it out (only the GET model has it).
    ServerOwned {
        /// Whether an update sends the live value back.
        carried: bool,
    },
    /// The files only: names another resource by name or id, and becomes the ids that the API wants.
    Reference,
    /// The files only: a short spelling of other fields.
    Shorthand,
}

/// When the platform requires a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Need {
    /// Never.
    Optional,
    /// To create the resource, with what is sent when the files do not say: a missing field without a fallback is
    /// an error only when the resource is about to be created.
    Create(Fallback),
    /// In every document: without it the resource cannot be told from others.
    Always,
}

/// What a create sends for a required field that the files leave out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fallback {
    /// Nothing: the files have to say.
    None,
    /// This value.
    Value(Literal),
    /// Whether the namespace uses the external secrets store.
    NamespaceSecretsStore,
    /// An empty list, where the namespace uses the external secrets store; nothing otherwise.
    EmptyWithSecretsStore,
}

/// What changing a field does (DOMAIN 2.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Effect {
    /// Nothing that a user of the app would notice.
    None,
    /// The app restarts; operators from 2.25 on roll it instead.
    Restart,
    /// The app stops and starts again.
    Stop,
    /// Pods come or go; to zero, the app stops.
    Scale,
}

/// How an explicit `null` is said to the API.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Clear {
    /// It cannot be said: `null` is an error.
    Never,
    /// As this text (`LS0t` for the runtime secrets, an empty text elsewhere).
    Text(&'static str),
    /// As an empty list.
    EmptyList,
    /// By leaving the field out of the update.
    Omit,
}

/// A constant value in a table.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Literal {
    /// A text.
    Text(&'static str),
    /// True or false.
    Boolean(bool),
    /// A whole number.
    Integer(i64),
}

impl Literal {
    /// The value as JSON.
    pub fn to_json(self) -> serde_json::Value {
        match self {
            Literal::Text(text) => text.into(),
            Literal::Boolean(truth) => truth.into(),
            Literal::Integer(number) => number.into(),
        }
    }
}

impl Field {
    /// A managed, optional field without further properties; the builders below add them.
    pub const fn new(name: &'static str, shape: Shape, doc: &'static str) -> Field {
        Field {
            name,
            shape,
            owner: Owner::Managed,
            need: Need::Optional,
            in_create: true,
            in_update: true,
            sensitive: false,
            effect: Effect::None,
            clear: Clear::Never,
            default: None,
            rule: None,
            fixed_by: None,
            ignored: None,
            doc,
            example: None,
        }
    }

    /// A text field.
    pub const fn text(name: &'static str, format: Format, doc: &'static str) -> Field {
        Field::new(name, Shape::Text(format), doc)
    }

    /// A boolean field.
    pub const fn boolean(name: &'static str, doc: &'static str) -> Field {
        Field::new(name, Shape::Boolean, doc)
    }

    /// An integer field with its bounds, both included.
    pub const fn integer(name: &'static str, min: i64, max: i64, doc: &'static str) -> Field {
        Field::new(name, Shape::Integer(min, max), doc)
    }

    /// An object field.
    pub const fn object(name: &'static str, fields: &'static [Field], doc: &'static str) -> Field {
        Field::new(name, Shape::Object(fields), doc)
    }

    /// A list field.
    pub const fn list(name: &'static str, list: ListShape, doc: &'static str) -> Field {
        Field { clear: Clear::EmptyList, ..Field::new(name, Shape::List(list), doc) }
    }

    /// Sets who decides the value.
    pub const fn owner(self, owner: Owner) -> Field {
        Field { owner, ..self }
    }

    /// Sets when it is required.
    pub const fn need(self, need: Need) -> Field {
        Field { need, ..self }
    }

    /// An explicit `null` is an error: the list is never empty on the platform, or must not become so by accident.
    pub const fn never_cleared(self) -> Field {
        self.clear(Clear::Never)
    }

    /// The update model of the API lacks it, so that an update leaves it out.
    pub const fn create_model_only(self) -> Field {
        Field { in_update: false, ..self }
    }

    /// Required to create, without a fallback.
    pub const fn needed_on_create(self) -> Field {
        self.need(Need::Create(Fallback::None))
    }

    /// The create model of the API lacks it.
    pub const fn update_only(self) -> Field {
        Field { in_create: false, ..self }
    }

    /// Values are never shown.
    pub const fn sensitive(self) -> Field {
        Field { sensitive: true, ..self }
    }

    /// Sets what changing it does.
    pub const fn effect(self, effect: Effect) -> Field {
        Field { effect, ..self }
    }

    /// Sets how `null` is said.
    pub const fn clear(self, clear: Clear) -> Field {
        Field { clear, ..self }
    }

    /// Sets what an absent live field means.
    pub const fn default(self, literal: Literal) -> Field {
        Field { default: Some(literal), ..self }
    }

    /// Sets the rule that a wrong value breaks.
    pub const fn rule(self, rule: &'static str) -> Field {
        Field { rule: Some(rule), ..self }
    }

    /// The files decide it once; a later change breaks the rule.
    pub const fn fixed_by(self, rule: &'static str) -> Field {
        Field { fixed_by: Some(rule), ..self.owner(Owner::Immutable) }
    }

    /// Sets the rule that the field breaks by standing in a file.
    pub const fn ignored_as(self, rule: &'static str) -> Field {
        Field { ignored: Some(rule), ..self }
    }

    /// Sets the example.
    pub const fn example(self, literal: Literal) -> Field {
        Field { example: Some(literal), ..self }
    }

    /// Whether the API knows the field at all; the others exist in estate files only.
    pub const fn is_wire(&self) -> bool {
        !matches!(self.owner, Owner::Reference | Owner::Shorthand)
    }

    /// Whether a value in a file is a desired value, as opposed to one that is ignored with a warning.
    pub const fn is_declarable(&self) -> bool {
        !matches!(self.owner, Owner::ServerOwned { .. })
    }
}

/// Finds a field by name.
pub fn find<'t>(fields: &'t [Field], name: &str) -> Option<&'t Field> {
    fields.iter().find(|field| field.name == name)
}

/// Calls `visit` for every field of a table, parents before children, with its dotted path. List items stand in
/// brackets: `deployment.constants[].value`.
pub fn walk(fields: &'static [Field], visit: &mut impl FnMut(&str, &'static Field)) {
    walk_below("", fields, visit);
}

fn walk_below(prefix: &str, fields: &'static [Field], visit: &mut impl FnMut(&str, &'static Field)) {
    for field in fields {
        let path = if prefix.is_empty() { field.name.to_owned() } else { format!("{prefix}.{}", field.name) };
        visit(&path, field);
        match field.shape {
            Shape::Object(fields) => walk_below(&path, fields, visit),
            Shape::List(list) => walk_below(&format!("{path}[]"), list.items, visit),
            Shape::Addresses | Shape::Text(_) | Shape::Integer(..) | Shape::Boolean => {}
        }
    }
}
