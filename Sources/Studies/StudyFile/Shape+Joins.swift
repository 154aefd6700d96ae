internal import Tables

// Files whose columns are put beside the data by key.

extension Shape {
  static let joins = Shape.list(
    .fields(
      "join",
      [
        Field(
          "file", .scalar(.text), required: true, "The other file, relative to the study file."),
        Field(
          "by", .list(.scalar(.text)), required: true,
          "The columns that identify a row in both; own=theirs where the names differ."),
        Field(
          "cardinality", .scalar(.choice(JoinCardinality.allCases.map(\.rawValue))),
          "How rows belong to each other; many-to-one unless given, and anything else is an error."),
        Field(
          "unmatched", .scalar(.choice(JoinUnmatched.allCases.map(\.rawValue))),
          "What becomes of rows of the data without a match: keep (unless given), drop or refuse."),
        Field("suffix", .scalar(.text), "What is put behind names that both files have."),
      ]))
}
