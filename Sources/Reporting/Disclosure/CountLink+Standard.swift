// What the standard tables' counts have to do with each other, table by table. One place, so that a
// reader sees which names are shared; a table that is not named here has no links.

extension CountLink {
  /// The links of the standard tables by the name of the table.
  static let standard: [String: [CountLink]] = flow.merging(effects) { a, _ in a }
    .merging(survival) { a, _ in a }.merging(contracts) { a, _ in a }
    .merging(jobs) { a, _ in a }

  /// Both arms' columns of a table that has a column for each.
  private static func arms(
    _ prefix: String, _ kind: Kind, _ quantity: String, rows: Rows = .all
  ) -> [CountLink] {
    ["treated", "comparison"].map {
      CountLink(["\(prefix)_\($0)"], kind, "\(quantity)/\($0)", rows: rows)
    }
  }

  /// Who came, was taken on and is analysed.
  private static let flow: [String: [CountLink]] = [
    "attrition": [
      .init(["n_before"], .same, "rows/{arm}", rows: .first(within: ["arm"])),
      .init(["n_after"], .same, "people/{arm}", rows: .last(within: ["arm"])),
      .init(
        ["n_after"], .same, "accepted/{arm}", rows: .having(["rule": "Accepted on to the caseload"])
      ),
    ],
    "data_quality": [
      .init(["n"], .same, "table/{table}/{arm}"),
      .init(["n"], .same, "rows/{arm}", rows: .having(["table": "clients"])),
    ],
    "funnel": [
      .init(
        ["n_reached"], .same, "rows/{group}", rows: .having(["by": "arm", "stage": "referred"])),
      .init(
        ["n_reached"], .same, "accepted/{group}", rows: .having(["by": "arm", "stage": "accepted"])),
      .init(["n_at_risk"], .same, "stage/{by}/{group}/{stage}/at risk"),
      .init(["n_reached"], .same, "stage/{by}/{group}/{stage}/reached"),
      .init(["n_not_reached"], .same, "stage/{by}/{group}/{stage}/not reached"),
      .init(["n_unknown"], .same, "stage/{by}/{group}/{stage}/unknown"),
      .init(["n_immature"], .same, "stage/{by}/{group}/{stage}/immature"),
      .init(["n_accepted_yes"], .within, "yes/{stage}//{group}", rows: .having(["by": "arm"])),
    ],
    "funnel_sites": [
      .init(["n_at_risk"], .parts(within: ["arm", "stage"]), "stage/arm/{arm}/{stage}/at risk"),
      .init(["n_reached"], .parts(within: ["arm", "stage"]), "stage/arm/{arm}/{stage}/reached"),
      .init(
        ["n_not_reached"], .parts(within: ["arm", "stage"]),
        "stage/arm/{arm}/{stage}/not reached"),
      .init(["n_unknown"], .parts(within: ["arm", "stage"]), "stage/arm/{arm}/{stage}/unknown"),
      .init(["n_immature"], .parts(within: ["arm", "stage"]), "stage/arm/{arm}/{stage}/immature"),
      .init(["n_reached"], .same, "site/{site}/{stage}"),
    ],
    "funnel_exclusions": [
      .init(
        ["n_before"], .same, "stage/{by}/{group}/{stage}/at risk",
        rows: .first(within: ["by", "group", "stage"])),
      .init(
        ["n_after"], .same, "stage/{by}/{group}/{stage}/reached",
        rows: .last(within: ["by", "group", "stage"])),
    ],
    "creaming": [
      .init(
        ["n"], .parts(within: ["term", "arm"]), "accepted/{arm}", rows: .lacking("period", [""]))
    ],
    "creaming_acceptance": [.init(["n_accepted"], .parts(within: ["arm"]), "accepted/{arm}")],
    "value_costs": [.init(["n"], .same, "accepted/{arm}")],
    "value_for_money": arms("n", .same, "accepted"),
    "value_sites": [.init(["n"], .same, "site/{site}/{outcome}")],
    "dose_response": [.init(["n"], .within, "site/{site}/accepted")],
    "definitions": [
      .init(["n"], .same, "people/{arm}"),
      .init(["n_eligible", "n_mature"], .near, "followed/{arm}"),
      .init(["n"], .near, "followed/{arm}"),
      .init(["n_yes"], .same, "yes/{definition}//{arm}"),
      .init(["n_yes"], .near, "yes/{arm}"),
      .init(["n_unknown"], .same, "unknown/{definition}//{arm}"),
      .init(["n_no"], .same, "no/{definition}//{arm}"),
      .init(
        ["n_yes", "n_no"], .parts(within: ["definition", "arm"]), "known/{definition}//{arm}"),
      // Bounds read the unknown as yes.
      .init(
        ["n_yes", "n_unknown"], .parts(within: ["definition", "arm"]),
        "yes/{definition}//{arm}"),
    ],
    "definition_differences": [
      .init(["n_treated"], .same, "known/{definition}//treated"),
      .init(["n_comparison"], .same, "known/{definition}//comparison"),
      .init(["n_yes_sib"], .same, "yes/{definition}//treated"),
      .init(["n_no_sib"], .same, "no/{definition}//treated"),
      .init(["n_yes_non_sib"], .same, "yes/{definition}//comparison"),
      .init(["n_no_non_sib"], .same, "no/{definition}//comparison"),
    ],
  ]

  /// Effects, what they rest on, and whose outcomes are unknown.
  private static let effects: [String: [CountLink]] = [
    "estimates": arms("n", .same, "known/{outcome}/{subgroup}")
      + arms("n", .within, "people", rows: .having(["subgroup": ""]))
      + arms("events", .same, "yes/{outcome}/{subgroup}")
      + [
        .init(
          ["n_treated", "n_comparison"],
          .parts(within: ["analysis", "estimand", "estimator", "outcome", "subgroup", "term"]),
          "known/{outcome}/{subgroup}/all")
      ],
    "hidden_bias": arms("n", .equal, "known/{outcome}/"),
    "few_clusters": [.init(["n"], .same, "known/{outcome}//all")],
    "balance": arms("n", .same, "balanced/{analysis}/{stage}")
      + ["treated", "comparison"].flatMap { arm in
        [
          CountLink(
            ["level_\(arm)"], .parts(within: ["analysis", "covariate", "stage"]),
            "balanced/{analysis}/{stage}/\(arm)"),
          CountLink(
            ["level_\(arm)", "rest_\(arm)"],
            .parts(within: ["analysis", "covariate", "level", "stage"]),
            "balanced/{analysis}/{stage}/\(arm)"),
          CountLink(["n_\(arm)"], .equal, "people/\(arm)"),
        ]
      },
    "attrition_tests": unknown,
    "missing_evidence": unknown,
    "tipping_point": unknown,
    "outcomes_known": [
      .init(["n"], .same, "people/{arm}"), .init(["unknown"], .same, "unknown/{outcome}//{arm}"),
    ],
    "imputed_columns": [
      .init(["n_missing"], .same, "unknown/{column}//all"),
      .init(["n_observed"], .same, "known/{column}//all"),
      .init(["n_missing", "n_observed"], .parts(within: ["column"]), "people/all"),
    ],
    "planning": arms("n", .within, "people"),
    "triangulation": behind("hidden") + behind("hidden_leading"),
    "agreement": behind("hidden_leading"), "specifications": behind("hidden"),
    "several_outcomes": behind("hidden"), "margins": behind("hidden"),
    "overlap": [
      .init(["n"], .parts(within: ["analysis", "stage", "arm"]), "people/{arm}")
    ],
  ]

  /// Tables that tell an effect of `estimates` again, or one beside it: what rests on a count that is
  /// withheld there must not be read here.
  private static func behind(_ prefix: String) -> [CountLink] {
    arms("\(prefix)_n", .equal, "known/{outcome}/")
      + arms("\(prefix)_events", .equal, "yes/{outcome}/")
  }

  private static let unknown =
    arms("n", .same, "known/{outcome}/") + arms("n", .within, "people")
    + arms("hidden_unknown", .same, "unknown/{outcome}/")

  /// Curves, whose arms are named by the study, so that both arms' names are tried.
  private static let survival: [String: [CountLink]] = [
    "survival": ["treated", "comparison"].flatMap { arm in
      [
        CountLink(
          ["n_risk"], .equal, "known/{analysis}//\(arm)", rows: .first(within: ["analysis", "arm"])),
        CountLink(["n_event"], .parts(within: ["analysis", "arm"]), "yes/{analysis}//\(arm)"),
      ]
    },
    "cumulative_incidence": ["treated", "comparison"].flatMap { arm in
      [
        CountLink(
          ["n_event"], .equal, "yes/{analysis}//\(arm)",
          rows: .last(within: ["analysis", "arm", "cause"]))
      ]
    },
  ]

  /// Claims and achievements.
  private static let contracts: [String: [CountLink]] = [
    "contract_totals": [
      .init(["n_due"], .same, "due/{contract}"),
      .init(
        ["n_due", "n_not_due"], .parts(within: ["contract"]), "claims",
        rows: .having(["contract": "all"])),
    ],
    "contract_caps": [.init(["n_due"], .same, "due/{contract}", rows: .having(["payer": "all"]))],
    "contract_payments": [
      .init(["n_due"], .same, "due/{contract}/{outcome}", rows: .having(["quarter": "all"])),
      .init(
        ["n_due"], .parts(within: ["contract", "quarter"]), "due/{contract}",
        rows: .having(["quarter": "all"])),
      .init(
        ["n_due"], .parts(within: ["payer", "outcome", "quarter"]), "waterfall/{payer}/{outcome}",
        rows: .having(["quarter": "all"])),
    ],
    "contract_waterfall": [
      .init(["n_engagement"], .same, "waterfall/{payer}/engagement"),
      .init(["n_job_start"], .same, "waterfall/{payer}/job_start"),
      .init(["n_sustained"], .same, "waterfall/{payer}/sustained"),
    ],
    "contract_differences": [
      .init(["n_claims"], .parts(within: ["outcome"]), "claims", rows: .having(["outcome": "all"]))
    ],
    "performance": [
      .init(["actual"], .same, "achieved/{contract}"),
      .init(
        ["actual"], .parts(within: ["outcome"]), "achieved/all", rows: .lacking("contract", ["all"])
      ),
    ],
    "performance_plans": [
      .init(["actual_original", "actual_latest"], .equal, "achieved/{contract}")
    ],
    "performance_quarters": [
      .init(
        ["cumulative_before"], .nought, "before", rows: .first(within: ["contract", "outcome"])),
      .init(
        ["cumulative_actual"], .equal, "achieved/{contract}",
        rows: .last(within: ["contract", "outcome"])),
      .init(
        ["actual"], .same, "quarter/{outcome}/{period}", rows: .having(["contract": "all"])),
      .init(
        ["actual"], .parts(within: ["outcome", "period"]), "quarter/{outcome}/{period}",
        rows: .lacking("contract", ["all"])),
      .init(["actual"], .parts(within: ["contract", "outcome"]), "achieved/{contract}"),
    ],
    "performance_conversions": [
      .init(["numerator", "denominator"], .same, "achieved/{contract}")
    ],
    "site_rates": [.init(["numerator", "denominator"], .same, "achieved/{contract}")],
    "payment_per_outcome": [.init(["achieved"], .same, "achieved/{contract}")],
  ]

  /// Jobs and claims about a threshold: windows stand in windows.
  private static let jobs: [String: [CountLink]] = [
    "bunching": [
      .init(["n"], .near, "jobs/{arm}/{threshold}"),
      .init(["n_inside"], .near, "jobs inside/{arm}/{threshold}"),
      .init(["n_outside"], .near, "jobs outside/{arm}/{threshold}"),
    ],
    "threshold_hazard": [
      .init(["jobs"], .near, "jobs/{arm}/{threshold}"),
      .init(["ends_after"], .near, "jobs inside/{arm}/{threshold}"),
    ],
    "claim_timing": [.init(["n"], .same, "claims")],
  ]
}
