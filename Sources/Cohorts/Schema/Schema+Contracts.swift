// The tables about contracts, payments, targets, costs and claims.

extension Schema {
  private static let outcome = SchemaField.Kind.category(["engagement", "job_start", "sustained"])
  private static let payer = SchemaField.Kind.category([
    "commissioner", "sof", "cbo", "lcf", "mhep_bii", "other",
  ])

  /// Versions of contracts.
  public static let contracts = SchemaTable(
    name: "contracts", summary: "One row a version of a contract.",
    fields: [
      SchemaField("contract_id", .identifier, required: true, "What the contract is called."),
      SchemaField("site_id", .identifier, "The site that it pays for."),
      SchemaField("version", .identifier, required: true, "The version, 1 for the first."),
      SchemaField("effective_from", .date, "The first day of the version."),
      SchemaField(
        "effective_to", .date, "The last day of the version; empty while it is in force."),
      SchemaField("renegotiated_reason", .text, "Why the terms changed."),
      SchemaField("block_gbp_pa", .amount, "Block payment in pounds a year."),
      SchemaField("outcome_cap_gbp", .amount, "The most that outcomes can be paid, in pounds."),
      SchemaField("investor_equity_gbp", .amount, "Equity of the investors in pounds."),
      SchemaField("loan_gbp", .amount, "Loan in pounds."),
      SchemaField("loan_rate", .anyNumber, "Interest on the loan."),
      SchemaField("loan_years", .amount, "Years over which the loan is repaid."),
      SchemaField("management_cost_gbp_pa", .amount, "Cost of management in pounds a year."),
      SchemaField("source", .text, "Where the terms were found."),
    ], key: ["contract_id", "version"])

  /// Prices of outcomes.
  public static let tariffs = SchemaTable(
    name: "tariffs", summary: "One row a priced outcome of a version of a contract.",
    fields: [
      SchemaField("contract_id", .identifier, required: true, "The contract."),
      SchemaField("version", .identifier, required: true, "The version."),
      SchemaField("outcome", outcome, required: true, "The outcome that is paid."),
      SchemaField("hours_band", .category(["lt16", "ge16", "any"]), "The hours that it takes."),
      SchemaField(
        "hours_boundary", .category(["ge16", "gt16"]), "On which side exactly 16 hours count."),
      SchemaField("duration_weeks", .amount, "Weeks that a job has to last."),
      SchemaField("window_weeks", .amount, "Weeks within which they have to lie."),
      SchemaField("permitted_gap_days", .count, "Days without work that do not matter."),
      SchemaField("per", .category(["client", "job"]), "Whether clients or jobs are paid."),
      SchemaField("max_per_client", .count, "The most payments for one client."),
      SchemaField("amount_gbp", .amount, "The price in pounds."),
      SchemaField("verification_required", .ownCategory, "What evidence is asked for."),
      SchemaField("claim_deadline_days", .count, "Days within which to claim."),
    ], key: ["contract_id", "version", "outcome", "hours_band", "duration_weeks"])

  /// Who pays which share.
  public static let payerShares = SchemaTable(
    name: "payer_shares", summary: "One row a payer of an outcome, with the share it pays.",
    fields: [
      SchemaField("contract_id", .identifier, required: true, "The contract."),
      SchemaField("version", .identifier, required: true, "The version."),
      SchemaField("outcome", outcome, required: true, "The outcome."),
      SchemaField("payer", payer, required: true, "Who pays."),
      SchemaField(
        "share", .number(least: 0, most: 1), required: true,
        "The share; those of one outcome sum to 1."),
      SchemaField("payer_cap_gbp", .amount, "The most that the payer pays, in pounds."),
      SchemaField("valid_from", .date, "The first day of the share; empty means always."),
      SchemaField("valid_to", .date, "The last day of the share; empty means for good."),
    ], key: ["contract_id", "version", "outcome", "payer", "valid_from"])

  /// Caps of payers over a contract, or over all of them together, which no row of shares can say.
  public static let payerCaps = SchemaTable(
    name: "payer_caps", summary: "One row the most that a payer pays in some time.",
    fields: [
      SchemaField("payer", payer, required: true, "Who pays."),
      SchemaField(
        "contract_id", .identifier, "The contract; empty means all contracts together."),
      SchemaField("valid_from", .date, "The first day that counts; empty means the beginning."),
      SchemaField("valid_to", .date, "The last day that counts; empty means for good."),
      SchemaField("cap_gbp", .amount, required: true, "The most that is paid, in pounds."),
      SchemaField("source", .text, "Where the cap was found."),
    ], key: ["payer", "contract_id", "valid_from"])

  /// Targets.
  public static let targets = SchemaTable(
    name: "targets", summary: "One row a target for an outcome in a period.",
    fields: [
      SchemaField("contract_id", .identifier, required: true, "The contract."),
      SchemaField("target_version", .identifier, "The version of the targets."),
      SchemaField("set_on", .date, "The day on which the target was set."),
      SchemaField("case", .category(["low", "median", "high"]), "The case that it belongs to."),
      SchemaField("period", .period, required: true, "The month or quarter."),
      SchemaField("outcome", outcome, required: true, "The outcome."),
      SchemaField("expected_n", .amount, required: true, "The number expected."),
    ], key: ["contract_id", "target_version", "case", "period", "outcome"])

  /// Costs.
  public static let costs = SchemaTable(
    name: "costs", summary: "One row a cost of a site in a period.",
    fields: [
      SchemaField("site_id", .identifier, required: true, "The site."),
      SchemaField("period", .period, required: true, "The month or quarter."),
      SchemaField(
        "category",
        .category([
          "delivery", "performance_mgmt", "sib_setup", "investor_return", "evidence_reporting",
          "evaluation",
        ]), required: true, "What was paid for."),
      SchemaField("amount_gbp", .amount, required: true, "The amount in pounds."),
      SchemaField(
        "price_base_year", .integer(least: 1990, most: 2100), "The year of the prices."),
      SchemaField("borne_by", .ownCategory, "Who bore the cost."),
    ], key: ["site_id", "period", "category", "borne_by"])

  /// Claims for payment.
  public static let claims = SchemaTable(
    name: "claims", summary: "One row a claim for an outcome of a client.",
    fields: [
      SchemaField("claim_id", .identifier, required: true, "What the claim is called."),
      SchemaField(
        "client_id", .identifier, required: true, "The client, as in the clients' table."),
      SchemaField("job_id", .identifier, "The job, as in the jobs' table."),
      SchemaField("outcome", outcome, "The outcome that is claimed."),
      SchemaField("event_date", .date, "The day on which the outcome was reached."),
      SchemaField("claimed_date", .date, "The day of the claim."),
      SchemaField("paid_date", .date, "The day of the payment."),
      SchemaField(
        "status", .category(["paid", "rejected", "no_evidence", "capped"]),
        "What became of the claim."),
      SchemaField("amount_gbp", .amount, "The amount in pounds."),
      SchemaField(
        "contract_id", .identifier,
        "The contract; without it that of the client's site on the day of the event."),
    ], key: ["claim_id"])
}
