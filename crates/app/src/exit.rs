//! The exit code, from what is known of all images together.

use crate::cli::FailOn;
use crate::document::Document;

/// Below the gate, and read whole.
pub const CLEAN: u8 = 0;
/// Something could not be done.
pub const ERROR: u8 = 1;
/// The gate was reached.
pub const GATE: u8 = 2;
/// Something was not read, and the gate not reached.
pub const INCOMPLETE: u8 = 3;

/// The exit code of `document`: a reached gate outweighs an error (the answer can only get worse),
/// an error outweighs a part that was not read.
pub fn code(document: &Document, fail_on: FailOn) -> u8 {
    let reports = || document.reports.iter().map(|judged| &judged.report);
    if reports().any(|report| fail_on.reached_by(report.verdict)) {
        GATE
    } else if !document.errors.is_empty() {
        ERROR
    } else if reports().any(|report| !report.gaps.is_empty()) {
        INCOMPLETE
    } else {
        CLEAN
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::samples;

    #[test]
    fn the_order_is_2_1_3_0() {
        let malicious = samples::malicious();
        let incomplete = samples::incomplete();
        let clean = samples::clean();
        let error = samples::failure();
        let of = |reports: &[&crate::document::Judged], failed: bool, gate| {
            let errors = failed.then(|| error.clone()).into_iter().collect();
            let reports = reports.iter().map(|&r| r.clone()).collect();
            code(&Document::new(reports, errors), gate)
        };
        let gate = FailOn::Suspicious;
        assert_eq!(of(&[&clean], false, gate), CLEAN);
        assert_eq!(of(&[], false, gate), CLEAN);
        assert_eq!(of(&[&clean, &incomplete], false, gate), INCOMPLETE);
        assert_eq!(of(&[&clean, &incomplete], true, gate), ERROR);
        assert_eq!(of(&[&incomplete, &malicious], true, gate), GATE);
        // The malicious sample has a gap too: with the gate off it is still incomplete.
        assert_eq!(of(&[&malicious], false, FailOn::Never), INCOMPLETE);
        assert_eq!(of(&[&malicious], true, FailOn::Never), ERROR);
    }
}
