// The tables about sites, clients and jobs.

extension Schema {
  /// Sites.
  public static let sites = SchemaTable(
    name: "sites", summary: "One row a site.",
    fields: [
      SchemaField(
        "site_id", .identifier, required: true, "What the site is called in every table."),
      SchemaField(
        "arm", .category(of: SiteArm.self), required: true,
        "Whether a social impact bond funds the service."),
      SchemaField("launch_date", .date, "The day the bond's service began; empty means never."),
      SchemaField(
        "cohort", .category(["smi", "ld", "addiction", "primary_care", "other"]),
        "The group of people that the site serves."),
      SchemaField("provider_id", .identifier, "The organisation that provides the service."),
      SchemaField(
        "provider_type", .category(["vcse", "nhs", "la"]), "What kind of provider it is."),
      SchemaField("commissioner_id", .identifier, "Who commissions the service."),
      SchemaField("region", .ownCategory, "The region."),
      SchemaField("prior_ips", .flag, "Whether there was an IPS service before."),
      SchemaField(
        "fidelity_score", .number(least: 25, most: 125),
        "IPS fidelity: 115 or more is exemplary, 100 good, 74 fair, less is not IPS."),
      SchemaField("fidelity_date", .date, "The day of the fidelity review."),
      SchemaField("fte_es", .amount, "Employment specialists, in full-time equivalents."),
      SchemaField("target_caseload", .amount, "Clients that a specialist is meant to have."),
      SchemaField(
        "local_unemployment_pct", .number(least: 0, most: 100), "Local unemployment in per cent."),
      SchemaField(
        "imd_decile", .integer(least: 1, most: 10), "Decile of deprivation, 1 the most deprived."),
    ], key: ["site_id"])

  /// Counts of sites by period.
  public static let sitePeriods = SchemaTable(
    name: "site_periods", summary: "One row a site and month or quarter.",
    fields: [
      SchemaField("site_id", .identifier, required: true, "The site."),
      SchemaField("period", .period, required: true, "The month or quarter."),
      SchemaField("referrals", .count, "People referred in the period."),
      SchemaField("accepted", .count, "People accepted on to the caseload."),
      SchemaField("engaged", .count, "People who engaged."),
      SchemaField("starts", .count, "Job starts."),
      SchemaField("sustained", .count, "Jobs that reached the sustainment threshold."),
      SchemaField("fte_es", .amount, "Employment specialists in post, full-time equivalents."),
      SchemaField("vacancy_fte", .amount, "Vacant posts, full-time equivalents."),
      SchemaField("management_contacts", .count, "Contacts of the performance manager."),
      SchemaField("restriction_days", .count, "Days on which restrictions closed workplaces."),
    ], key: ["site_id", "period"])

  /// Clients and their episodes.
  public static let clients = SchemaTable(
    name: "clients", summary: "One row a client and episode, people who were not accepted too.",
    fields: [
      SchemaField(
        "client_id", .identifier, required: true,
        "A keyed hash of the person's number; never an NHS or National Insurance number."),
      SchemaField(
        "episode_no", .integer(least: 1, most: 1000), "The person's first, second, … episode."),
      SchemaField(
        "site_id", .identifier, required: true, "The site that the person was referred to."),
      SchemaField(
        "arm", .category(of: SiteArm.self),
        "The arm of the client's site; needed only where there is no table of sites."),
      SchemaField("referral_date", .date, "The day of the referral."),
      SchemaField(
        "referral_decision", .category(of: ReferralDecision.self), "What became of the referral."),
      SchemaField("accept_date", .date, "The day of acceptance on to the caseload."),
      SchemaField("engagement_date", .date, "The day on which the person counts as engaged."),
      SchemaField(
        "engagement_basis", .category(["vocational_profile", "three_appointments", "other"]),
        "What made the person engaged."),
      SchemaField("exit_date", .date, "The day on which the episode ended."),
      SchemaField("exit_reason", .category(of: ExitReason.self), "Why the episode ended."),
      SchemaField("last_contact_date", .date, "The last contact with the person."),
      SchemaField("data_cut_date", .date, "The day on which the data were cut."),
      SchemaField("age_band", .ownCategory, "Age at referral in bands."),
      SchemaField("age", .number(least: nil, most: nil), "Age at referral in years."),
      SchemaField("sex", .ownCategory, "Sex."),
      SchemaField("ethnicity5", .ownCategory, "Ethnic group in five groups."),
      SchemaField(
        "education", .category(["none", "l1_2", "l3", "l4plus"]), "Highest qualification."),
      SchemaField(
        "diagnosis",
        .category([
          "psychosis", "bipolar", "depression_anxiety", "personality", "ld", "autism", "addiction",
          "other",
        ]), "Main diagnosis."),
      SchemaField("months_since_last_job", .amount, "Months since the last job, at referral."),
      SchemaField("ever_worked", .flag, "Whether the person had ever worked."),
      SchemaField(
        "employed_at_entry", .category(["no", "sick_leave", "job_at_risk", "seeking_change"]),
        "Whether the person had a job at referral, and how it stood."),
      SchemaField("benefit", .category(["uc", "esa", "pip", "none", "other"]), "Main benefit."),
      SchemaField("housing", .category(["settled", "temporary", "none"]), "Housing."),
      SchemaField(
        "substance_use", .ownCategory, "Use of substances: y or n, or the study's values."),
      SchemaField("offending_history", .ownCategory, "Offences: y or n, or the study's values."),
      SchemaField(
        "motivation_1_5", .integer(least: 1, most: 5),
        "Motivation to work from 1 to 5, asked before acceptance."),
      SchemaField("referral_source", .ownCategory, "Who referred the person."),
      SchemaField(
        "imd_decile", .integer(least: 1, most: 10), "Decile of deprivation, 1 the most deprived."),
      SchemaField("es_id", .identifier, "The employment specialist."),
    ], key: ["client_id", "episode_no"])

  /// Jobs.
  public static let jobs = SchemaTable(
    name: "jobs", summary: "One row a job of a client, also called a spell.",
    fields: [
      SchemaField("job_id", .identifier, "What the job is called, for claims."),
      SchemaField(
        "client_id", .identifier, required: true, "The client, as in the clients' table."),
      SchemaField("episode_no", .integer(least: 1, most: 1000), "The client's episode."),
      SchemaField(
        "start_date", .date, required: true, "The first day, or first of its week or month."),
      SchemaField(
        "start_precision", .category(of: DatePrecision.self), "How exactly the start is known."),
      SchemaField("end_earliest", .date, "The earliest that the last day can have been."),
      SchemaField("end_latest", .date, "The latest that the last day can have been."),
      SchemaField(
        "ongoing_at_last_contact", .flag, "Whether the job went on at the last contact."),
      SchemaField(
        "last_verified_working", .date, "The last day on which somebody verified the work."),
      SchemaField("hours_per_week", .number(least: 0, most: 80), "Hours a week."),
      SchemaField("hourly_wage_gbp", .amount, "Pay an hour in pounds."),
      SchemaField("competitive", .flag, "Whether it is a job on the open labour market."),
      SchemaField(
        "contract", .category(["perm", "fixed", "zero_hours", "agency", "self_employed"]),
        "The kind of contract."),
      SchemaField("furlough_days", .count, "Days on furlough."),
      SchemaField("end_reason", .category(of: JobEndReason.self), "Why the job ended."),
      SchemaField(
        "verification", .category(of: JobVerification.self), "What evidence there is of the job."),
      SchemaField("verification_date", .date, "The day of the evidence."),
    ], key: ["job_id"])
}
