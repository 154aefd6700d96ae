import Reporting
import Statistics
import Testing

@testable import Studies

/// A study's disclosure profile, named or spelled out.
@Suite struct DisclosureStudyTests {
  private func study(_ disclosure: String, isPublic: Bool = false) throws -> StudyFile {
    try StudyFile(
      text: """
        study: made
        title: A made-up study
        question: Did it work?
        \(isPublic ? "public: true" : "public: false")
        \(disclosure)
        data:
          file: people.csv
        """, path: "study.yaml")
  }

  @Test func namesAndDefaults() throws {
    #expect(try study("").disclosureProfile == .acroDefault)
    #expect(try study("", isPublic: true).disclosureProfile == .none)
    #expect(try study("disclosure: opensafely").disclosureProfile == .openSafely)
    #expect(try study("disclosure: nhs-digital").disclosure == "nhs-digital")
    let unknown = #expect(throws: SiblingError.self) { try study("disclosure: opensafley") }
    #expect(unknown?.suggestion == "opensafely")
    #expect(throws: SiblingError.self) { try study("disclosure: none") }
  }

  @Test func rulesOfItsOwn() throws {
    let file = try study(
      "disclosure: {profile: custom, minimum-count: 12, zeros: keep, rounding: 5, residual-df: 20,"
        + " dominance-share: 0.8, because: agreed with the owner}")
    let profile = file.disclosureProfile
    #expect(file.disclosure == "custom")
    #expect(profile.minimumCount == 12 && !profile.zerosAreDisclosive)
    #expect(profile.rounding == .nearest(5) && profile.curves == .midpoint)
    #expect(profile.minimumResidualDegreesOfFreedom == 20 && profile.dominance?.share == 0.8)
    #expect(profile.reason == "agreed with the owner")
    let plain = try study("disclosure: {profile: custom, because: x}").disclosureProfile
    #expect(plain.minimumCount == 10 && plain.zerosAreDisclosive && plain.curves == .held)
  }

  @Test(arguments: [
    ("{profile: custom, minimum-count: 3, because: x}", "may not be below 5"),
    ("{profile: custom, residual-df: 1, because: x}", "may not be below 5"),
    ("{profile: custom, minimum-count: 12}", "lacks the key 'because'"),
    ("{profile: custom, minimum-cuont: 12, because: x}", "no key 'minimum-cuont'"),
    ("{profile: opensafely, because: x}", "can't be 'opensafely'"),
    ("{profile: custom, rounding: 7, because: x}", "can't be '7'"),
    ("{profile: custom, dominance-share: 0.99, because: x}", "nearly single contributors"),
    ("{profile: custom, minimum-count: -4, because: x}", "may not be below 5"),
  ])
  func wrongRules(_ text: String, _ message: String) throws {
    let error = #expect(throws: SiblingError.self) { try study("disclosure: " + text) }
    #expect(error?.message.contains(message) == true, "\(error?.message ?? "")")
    #expect(error?.location?.line == 5)
  }

  @Test func publicDataMayHaveLowThresholds() throws {
    let file = try study(
      "disclosure: {profile: custom, minimum-count: 2, because: to show how}", isPublic: true)
    #expect(file.disclosureProfile.minimumCount == 2)
  }
}
