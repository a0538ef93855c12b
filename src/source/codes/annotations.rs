//! `annotations` of environments (DOMAIN 2.8).

use super::{Code, Elsewhere, family};

family! {
    ANN_01 = Code::error("ANN-01", "The type of an annotation is unknown.")
        .why("Annotations are put on a `Pod`, a `Service` or an `Ingress`.");

    ANN_02 = Code::error("ANN-02", "The key of an annotation is not a name that Kubernetes takes.")
        .why("A key is a name of up to 63 letters, digits, `-`, `_` and `.`, with a letter or digit at both ends. A domain and a slash may stand before it.")
        .example("annotations:\n  Pod: {prometheus.io/port: \"8900\"}");

    ANN_03 = Code::error("ANN-03", "An annotation is declared twice.")
        .why("Annotations are known by their type and key.");

    ANN_04 = Code::error("ANN-04", "The value of an annotation is not text.")
        .why("Kubernetes wants text. Quote numbers and booleans: `\"8900\"`.");

    ANN_05 = Code::warning("ANN-05", "An annotation belongs to the operator.")
        .why("Annotations below `privatecloud.mendix.com/` are how the operator keeps its books. It overwrites them, or is misled by them.")
        .instead("Remove the annotation.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
