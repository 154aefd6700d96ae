// Simulated futures of contracts.

extension Shape {
  static let scenarioStudy = Shape.fields(
    "scenario",
    [
      Field(
        "service", .scalar(.text),
        "What sentences call the service whose contract it is; 'the service' if absent.")
    ] + OptionKey.scenarioOfStudy.map { Field($0) })
}
