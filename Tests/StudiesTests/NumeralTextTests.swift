import Testing

@testable import Studies

/// When two texts are the same but for last digits.
@Suite struct NumeralTextTests {
  @Test(arguments: [
    ("an effect of 0.12 (0.03 to 0.21)", "an effect of 0.13 (0.03 to 0.21)"),
    ("£1,234,567 a year", "£1,234,568 a year"), ("p = 1.5e-9", "p = 1.5000000001e-9"),
    ("no numeral", "no numeral"), ("CR2, 40 sites", "CR2, 40 sites"),
  ])
  func oneInTheLastDigitIsTheSame(_ a: String, _ b: String) {
    #expect(NumeralText.agree(a[...], b[...]))
  }

  @Test(arguments: [
    ("an effect of 0.12", "an effect of 0.14"), ("an effect of 0.12", "an effect of -0.12"),
    ("higher by 2", "lower by 2"), ("HC1", "HC2"), ("0.1", "0.10"), ("1 in 10", "1 in 10."),
    ("£1,234", "£1,236"), ("2 and 3", "2 and"),
  ])
  func wordsAndDigitsAreNot(_ a: String, _ b: String) {
    #expect(!NumeralText.agree(a[...], b[...]))
  }

  @Test func coordinatesMayDifferByHalfAPixelAndColoursMayNot() {
    func agree(_ a: String, _ b: String) -> Bool { NumeralText.agree(a[...], b[...], .markup) }
    let line = "<path d=\"M10.2 20L30 40\" stroke=\"#12436D\"/><text x=\"4\">0.25</text>"
    #expect(agree(line, line.replacing("10.2", with: "10.65")))
    #expect(!agree(line, line.replacing("10.2", with: "10.8")))
    #expect(!agree(line, line.replacing("#12436D", with: "#12437D")))
    #expect(!agree(line, line.replacing("0.25", with: "0.55")))
    #expect(!agree(line, line.replacing("path", with: "line")))
  }

  @Test func numbersNextToZeroAreJudgedByTheirColumn() {
    #expect(NumberAgreement.agree(1, 1 + 5e-10, scale: 1))
    #expect(!NumberAgreement.agree(1, 1 + 5e-9, scale: 1))
    #expect(NumberAgreement.agree(1e-17, -3e-17, scale: 0.5))
    #expect(!NumberAgreement.agree(1e-9, 2e-9, scale: 0.5))
    #expect(NumberAgreement.agree(.nan, .nan, scale: 1))
    #expect(!NumberAgreement.agree(.nan, 1, scale: 1))
  }
}
