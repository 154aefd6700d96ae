// How the contracts' tables are read and claims replayed.

extension Shape {
  static let contractsStudy = Shape.fields(
    "contracts",
    OptionKey.replaySettings.map { Field($0) } + [
      Field(
        "block-payer", .scalar(.text), "Who pays the blocks; the commissioner unless given."),
      Field("names", .dictionary, "What contracts are called in the report: {K01: Shropshire}."),
      Field(
        "claims", .scalar(.text),
        "File of the claims, where the data have no such table; so with the files that follow."),
    ] + (OptionKey.contractFiles + [.clientsFile, .jobsFile]).map { Field($0) })
}
