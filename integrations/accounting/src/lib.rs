//! Regularisation plans in the formats accounting systems read.
