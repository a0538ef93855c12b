//! What keeps estates short: defaults, fragments and matrices.

use super::{Code, family};

family! {
    SHAPE_020 = Code::error("SHAPE-020", "A `matrix` cannot be used.")
        .why("`matrix` has the values of each variable, as texts: `matrix: {plant: [ams, bra]}`. One document may become 1,000 resources.");

    SHAPE_021 = Code::error("SHAPE-021", "A variable is not one of the matrix.")
        .why("In a document with a `matrix`, `${NAME}` in a text stands for a value of the variable. A text that is to have `${` is written with `$${`.");

    SHAPE_022 = Code::error("SHAPE-022", "A variable is not used.")
        .why("A variable that nothing uses would make the same resource several times.");

    SHAPE_023 = Code::error("SHAPE-023", "A variable stands where no text does.")
        .why("Variables of a `matrix` go into texts and keys of lists. A number, a boolean or a whole mapping that differs needs a document of its own, which may be a fragment: one with the same id.");

    SHAPE_024 = Code::error("SHAPE-024", "An id is missing for a value of the matrix.")
        .why("Each resource has an id of its own. Ids of a document with a `matrix` are written as a mapping from value to id, `id: {ams: ordams01, bra: ordbra01}`; with several variables the mappings nest.");

    EST_020 = Code::error("EST-020", "Two documents of one resource set the same field.")
        .why("Documents with the same id are fragments of one resource: each field stands in one of them. What says which resource it is may be repeated.");

    EST_021 = Code::error("EST-021", "Two defaults that are equally near set the same field.")
        .why("Of defaults in nested directories the nearer one wins. Those of one directory, and those that reach fragments from two sides, have no order, so each field stands in one of them.");

    EST_022 = Code::warning("EST-022", "Defaults apply to nothing.")
        .why("Defaults apply to documents in their own directory and below it.");

    EST_023 = Code::error("EST-023", "An id cannot be a default.")
        .why("An id names one resource; many resources cannot have the same.");

    EST_024 = Code::warning("EST-024", "`withoutDefaults` names a field that no default sets.")
        .why("`withoutDefaults` keeps defaults from filling a field. There is none for this field, so the line means nothing.");

    EST_025 = Code::error("EST-025", "Defaults stand for too much.")
        .why("Defaults are filled into every resource that they apply to. Taken together they may stand for 4,000,000 values or pieces of text, so that a few large files cannot grow beyond all bounds. No estate comes near.");
}
