//! Where results go, and in which format.

use std::path::PathBuf;

use clap::Args;

use crate::render::{Format, OutputFormat, UnknownFormat};

/// Where results go.
#[derive(Debug, Clone, Args)]
pub struct OutputArgs<F: OutputFormat = Format> {
    #[expect(missing_docs, reason = "the help of the argument is that of the formats")]
    #[arg(long, value_name = "FORMAT", default_value = F::DEFAULT, help = F::HELP, value_parser = format::<F>)]
    pub format: F,
    /// Also write the result to a file, such as `json=plan.json`; repeatable
    #[arg(long, value_name = "FORMAT=FILE", value_parser = out_file::<F>)]
    pub out: Vec<OutFile<F>>,
}

/// A file that receives the result in some format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OutFile<F: OutputFormat = Format> {
    /// The format.
    pub format: F,
    /// The file.
    pub path: PathBuf,
}

impl<F: OutputFormat> OutputArgs<F> {
    /// Where a report goes that says why there is no result.
    pub fn of_report(&self) -> OutputArgs {
        let file = |out: &OutFile<F>| OutFile { format: out.format.report(), path: out.path.clone() };
        OutputArgs { format: self.format.report(), out: self.out.iter().map(file).collect() }
    }
}

fn format<F: OutputFormat>(name: &str) -> Result<F, UnknownFormat> {
    name.parse()
}

fn out_file<F: OutputFormat>(text: &str) -> Result<OutFile<F>, String> {
    let (format, path) = text.split_once('=').ok_or("write FORMAT=FILE, such as json=plan.json")?;
    if path.is_empty() {
        return Err("the file is missing: write FORMAT=FILE, such as json=plan.json".to_owned());
    }
    let format = format.parse().map_err(|error: UnknownFormat| error.to_string())?;
    Ok(OutFile { format, path: path.into() })
}
