// What only the authors know about the strength of the evidence.

extension Shape {
  private static let text = Shape.scalar(.text)

  /// Answers of the authors to questions that data can't answer.
  static let evidenceStudy = Shape.fields(
    "evidence",
    [
      Field("robins-i", robinsI, "The authors' judgements on the domains of ROBINS-I."),
      Field("maryland", maryland, "The level on the Maryland scale that the authors give."),
      Field("background", text, "What is known and what is not."),
      Field("rationale", text, "Why a trial is emulated with these data."),
      Field("design-choice", text, "Why this comparison group was chosen."),
      Field("data-source", text, "What the data were first recorded for, and by whom."),
      Field("measurement", text, "How outcomes were recorded, in both groups."),
      Field("study-size", text, "How the size of the study came about."),
      Field("interpretation", text, "What the authors make of the result, beside other evidence."),
      Field("generalisability", text, "To whom else the result may apply."),
      Field("ethics", text, "The ethics committee's approval, or why none was needed."),
      Field("registered", text, "Whether, when and where the protocol was registered."),
      Field("sharing", text, "Where data and code can be had."),
      Field("funding", text, "Who paid, and what the funders had to say in it."),
      Field("conflicts", text, "What the authors stand to gain or lose."),
      Field("patient-involvement", text, "How people concerned took part."),
    ])

  private static let robinsI = Shape.fields(
    "robins-i",
    RobinsI.Domain.allCases.map { domain in
      Field(
        domain.rawValue,
        .fields(
          "judgement",
          [
            Field(
              "judgement", .scalar(.choice(RobinsI.Risk.allCases.map(\.rawValue))), required: true,
              "The risk of bias."),
            Field("why", text, required: true, "The reason, in a sentence."),
          ]), "\(domain.words): \(domain.question).")
    })

  private static let maryland = Shape.fields(
    "maryland",
    [
      Field(
        "level", .scalar(.choice(["1", "2", "3", "4", "5"])), required: true,
        "The level, from 1 to 5."),
      Field("why", text, required: true, "The reason, in a sentence."),
    ])
}
