// The categories of the client-level schema whose meaning the estimators need. A category's code is
// its place in `allCases`; −1 is missing.

/// Whether a site is funded through a social impact bond.
public enum SiteArm: String, Sendable, CaseIterable {
  /// Funded otherwise: the comparison.
  case nonSIB = "non_sib"
  /// Funded through a social impact bond: the treated.
  case sib
}

/// What became of a referral.
public enum ReferralDecision: String, Sendable, CaseIterable {
  case accepted
  case declinedByService = "declined_service"
  case declinedByClient = "declined_client"
  case pending
}

/// Why somebody left the service.
public enum ExitReason: String, Sendable, CaseIterable {
  case jobStable = "job_stable"
  case disengaged, health, moved, died, transferred, other
}

/// How exactly a job's first day is known.
public enum DatePrecision: String, Sendable, CaseIterable {
  case day, week, month
}

/// What evidence there is of a job.
public enum JobVerification: String, Sendable, CaseIterable {
  case payslip, employer, rti
  case selfDeclared = "self_declared"
  case none
}

/// Why a job ended.
public enum JobEndReason: String, Sendable, CaseIterable {
  case quit, dismissed
  case contractEnd = "contract_end"
  case health, redundancy
  case movedJob = "moved_job"
  case unknown
}
