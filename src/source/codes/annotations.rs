//! `annotations` of environments (DOMAIN 2.8).

use super::{Code, Elsewhere, family};

family! {
    ANN_01 = Code::error("ANN-01", "The type of an annotation is unknown.")
        .why("Annotations are put on a `Pod`, a `Service` or an `Ingress`.");

    ANN_03 = Code::error("ANN-03", "An annotation is declared twice.")
        .why("Annotations are known by their type and key.");

    ANN_04 = Code::error("ANN-04", "The value of an annotation is not text.")
        .why("Kubernetes wants text. Quote numbers and booleans: `\"8900\"`.");
}

/// Rules that files alone do not decide.
pub(super) static ELSEWHERE: &[Elsewhere] = &[];
