// What each rule says of a place that breaks it. No sentence quotes a cell.

extension DataRule {
  /// What is wrong, of a column, and of what it is compared with where the rule compares.
  func sentence(_ column: String, _ other: String) -> String {
    switch self {
    case .missingColumn: "the table has no column '\(column)', which it needs"
    case .missingRequired: "'\(column)' has no value, and every row needs one"
    case .nationalIdentifier: "'\(column)' holds what looks like \(other)"
    case .numberAsIdentifier: "the identifiers in '\(column)' were read as numbers with decimals"
    case .notADate: "'\(column)' holds something that is not a date"
    case .notANumber: "'\(column)' holds something that is not a number"
    case .notWhole: "'\(column)' holds a number that is not whole"
    case .notAPeriod: "'\(column)' holds something that is neither a month nor a quarter"
    case .outOfRange: "'\(column)' is not a number\(other)"
    case .unknownCategory: "'\(column)' holds a value that the schema does not have"
    case .unknownReason: "'\(column)' holds a reason that the schema does not have"
    case .duplicateKey: "an earlier row has the same \(other)"
    case .unknownSite: "the site is not in the table of sites"
    case .unknownContract: "the contract and version are not in the table of contracts"
    case .noJobMatches: "not one job belongs to a person in the table of clients"
    case .armDiffersFromSite: "the client's arm differs from that of the site in the table of sites"
    case .armDiffersWithinSite: "clients of one site have different arms"
    case .impossibleAge: "nobody of this age is a client of an employment service"
    case .datesOutOfOrder: "'\(column)' lies before '\(other)'"
    case .afterDataCut: "'\(column)' lies after the day on which the data were cut"
    case .overlappingEpisodes: "the episode begins before the person's earlier episode ends"
    case .sameJobTwice: "an earlier row is the same job: same person, start, end and hours"
    case .overlappingVersions: "the version begins before the contract's earlier version ends"
    case .sharesNotOne: "the payers' shares of the outcome do not sum to 1 in some period"
    case .claimOfUnknownClient: "the claim is for a person who is not in the table of clients"
    case .claimWithoutJob:
      other == "none" ? "the claim names no job" : "the claim's job is not in the table of jobs"
    case .claimForAnothersJob: "the claim's job belongs to another person"
    case .claimOutsideJob:
      "the claim's event lies \(other == "before" ? "before the job's start" : "after the job's end")"
    case .twoSpellings: "two values of '\(column)' differ only in capitals or blanks"
    case .reasonThoughFilled: "'\(column)' gives a reason though '\(other)' has a value"
    case .unknownClient: "the job's person is not in the table of clients"
    case .unknownEpisode: "the job's person is known, and the episode is not"
    case .placeholderDate: "'\(column)' lies before 1990 or after 2100"
    case .jobBeforeReferral: "the job began before the person was referred"
    case .overlappingJobs: "the job begins before the person's earlier job ends"
    case .hoursAtBoundary: "the job has exactly sixteen hours a week"
    case .gapBetweenVersions: "days lie between the contract's earlier version and this one"
    case .targetSetLate: "the target was set after its period had ended"
    case .startsExceedEngagements:
      other == "people"
        ? "more clients of the site started a job than engaged"
        : "up to this period the site has more job starts than engagements"
    case .sustainedExceedStarts: "up to this period the site has more sustained jobs than starts"
    }
  }

  /// What to do about it.
  func help(_ column: String, _ other: String, _ field: SchemaField?) -> String {
    switch self {
    case .missingColumn: "map it: 'columns: {\(column): name in the file}'"
    case .missingRequired: "fill it in, or leave the row out of the file"
    case .nationalIdentifier:
      "replace it by a keyed hash before the data leave the service; it is not shown here"
    case .numberAsIdentifier: "declare the column text under 'types'"
    case .notADate:
      "write yyyy-mm-dd, or declare how they are written: 'date-format: {name in the file: dd/mm/yyyy}'"
    case .notANumber: "correct it, or name the word for a missing value under 'missing-words'"
    case .notWhole: "counts, deciles and scores are whole numbers"
    case .notAPeriod: "write 2024-04 for a month, 2024Q2 for a quarter"
    case .outOfRange: "correct it, or leave it empty"
    case .unknownCategory:
      "recode it: 'recode: {\(column): {value: …}}'; the column takes: "
        + Self.values(field).joined(separator: ", ")
    case .unknownReason: "a reason is one of: " + SchemaField.reasons.joined(separator: ", ")
    case .duplicateKey: "keep one of the rows, or give them keys of their own"
    case .unknownSite: "add the site to the table of sites, or correct the identifier"
    case .unknownContract: "add the version to the table of contracts, or correct it here"
    case .noJobMatches: "are the identifiers hashed with the same key in both files?"
    case .armDiffersFromSite, .armDiffersWithinSite:
      "the arm belongs to the site; correct the client's site or the arm"
    case .impossibleAge: "ages from 14 to 100 are taken; correct it, or leave it empty"
    case .datesOutOfOrder: "correct one of the two, or leave the wrong one empty"
    case .afterDataCut: "correct the date, or the data_cut_date"
    case .overlappingEpisodes: "end the earlier episode, or make them one"
    case .sameJobTwice: "keep one of the rows"
    case .overlappingVersions: "a version ends the day before the next begins"
    case .sharesNotOne: "check share, valid_from and valid_to of all payers of the outcome"
    case .claimOfUnknownClient: "correct the identifier, or leave the claim out"
    case .claimWithoutJob: "a claim for a job start or a sustained job needs its job_id"
    case .claimForAnothersJob: "correct client_id or job_id"
    case .claimOutsideJob: "correct event_date, or the dates of the job"
    case .twoSpellings: "recode one to the other: 'recode: {\(column): {value: …}}'"
    case .reasonThoughFilled: "the value is used; remove the reason, or the value"
    case .unknownClient: "the job is not used; correct the identifier if it should be"
    case .unknownEpisode: "the job is not used; correct episode_no if it should be"
    case .placeholderDate: "if it stands for an unknown day, leave it empty"
    case .jobBeforeReferral: "a job held at referral is not an outcome; check both dates"
    case .overlappingJobs: "a person may have two jobs at once; check that it is not one job"
    case .hoursAtBoundary: "say which side counts: hours_boundary in the tariff, or the definition"
    case .gapBetweenVersions: "check effective_to and effective_from"
    case .targetSetLate: "performance against it says little; use the version set before"
    case .startsExceedEngagements:
      "starts need an engagement first; check how the site counts, and for whom"
    case .sustainedExceedStarts: "a sustained job needs a start first; check how the site counts"
    }
  }

  private static func values(_ field: SchemaField?) -> [String] {
    switch field?.kind {
    case .category(let values): values
    case .flag: ["y", "n"]
    default: []
    }
  }
}
