import Reporting
import Testing

@testable import Studies

/// The flat list of a study file's settings, by which two runs are compared.
@Suite struct StudyKeysTests {
  private func keys(_ yaml: String, isPublic: Bool = true) throws -> StudyKeys {
    StudyKeys(try StudyNode(parsing: yaml, file: "study.yaml"), isPublic: isPublic)
  }

  @Test func listsAreNamedByWhatTellsTheirElementsApart() throws {
    let found = try keys(
      """
      matching: {formula: "t ~ x", caliper: 0.2, exact: [a, b]}
      survival:
        - {name: first, times: [6, 13]}
        - {name: second, tau: 52}
      joins:
        - {file: a.csv}
        - {file: b.csv}
      """)
    let texts = found.settings.map { "\($0.key)=\($0.value)" }
    #expect(
      texts == [
        "matching.formula=t ~ x", "matching.caliper=0.2", "matching.exact=a, b",
        "survival[first].name=first", "survival[first].times=6, 13",
        "survival[second].name=second", "survival[second].tau=52", "joins[1].file=a.csv",
        "joins[2].file=b.csv",
      ])
    #expect(StudyKeys.section(of: "survival[first].times") == "survival")
    #expect(StudyKeys.entry(of: "survival[first].times") == "first")
    #expect(StudyKeys.entry(of: "matching.caliper") == nil)
  }

  @Test func settingsOfPrivateStudiesAreNotTold() throws {
    let yaml = "attrition: [{rule: one, keep: 'id != \"AB123456C\"'}]"
    for isPublic in [true, false] {
      let members = try keys(yaml, isPublic: isPublic).manifestMembers
      #expect(members.map(\.value.plain).joined().contains("AB123456C") == isPublic)
    }
    let one = try keys(yaml, isPublic: false).manifestMembers
    let other = try keys(yaml.replacing("6C", with: "6D"), isPublic: false).manifestMembers
    #expect(one.map(\.key) == other.map(\.key))
    #expect(one.last?.value != other.last?.value)
  }

  @Test func canonicalTextsAreTheSameExactlyWhenTheNodesSayTheSame() throws {
    func canonical(_ yaml: String) throws -> String {
      try StudyNode(parsing: yaml, file: "").canonical
    }
    let base = try canonical("a: {b: 1, c: [x, y]}")
    #expect(try canonical("# a comment\na:\n  b: '1'\n  c:\n    - x\n    - y\n") == base)
    for other in [
      "a: {b: 2, c: [x, y]}", "a: {b: 1, c: [xy]}", "a: {b: 1, c: 'x, y'}", "a: {b: 1}",
      "a: {c: [x, y], b: 1}", "a: {b: ~, c: [x, y]}",
    ] {
      #expect(try canonical(other) != base, "\(other)")
    }
  }

  @Test(arguments: [
    ("study.yaml", "sibling run study.yaml"),
    ("/a/b c/my study.yaml", "sibling run 'my study.yaml'"),
    ("x/it's.yaml", "sibling run 'it'\\''s.yaml'"), ("./é.yaml", "sibling run é.yaml"),
  ])
  func theCommandIsThatOfTheStudysFolder(_ path: String, _ command: String) throws {
    let text = "study: s\ntitle: t\nquestion: q\npublic: true\ndata: {file: d.csv}\n"
    #expect(try StudyFile(text: text, path: path).command == command)
  }
}
