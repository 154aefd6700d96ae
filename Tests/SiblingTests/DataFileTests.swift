import Foundation
import TestSupport
import Testing

/// Data files of other kinds and several files at once, through the command line and a study.
@Suite struct DataFileTests {
  private static let folder = "Tests/Reference/statistical"

  private func regress(_ file: String, _ more: String...) throws -> CommandLineRun {
    try CommandLineRun(
      arguments: ["regress", "\(Self.folder)/\(file)", "wage ~ age + employed", "--format", "csv"]
        + more)
  }

  @Test func sameRowsFromTextStataAndSPSS() throws {
    let text = try regress("people.csv")
    #expect(text.status == 0 && text.rows.count == 3, "\(text.errors)")
    for file in ["people_114.dta", "people_118.dta", "people.sav", "people.zsav"] {
      // Without its declaration the column is text, no and yes, as its labels say.
      let run = try regress(file, "--types", "employed=integer")
      #expect(run.output == text.output, "\(file): \(run.errors)")
      let labelled = try regress(file)
      #expect(labelled.rows.last?["term"] == "employedyes")
      #expect(labelled.numbers("estimate") == text.numbers("estimate"))
      #expect(labelled.errors.contains("labels of their codes: employed"))
    }
  }

  @Test func reasonsForMissingValuesAreTold() throws {
    let run = try CommandLineRun("regress", "\(Self.folder)/codes.dta", "score ~ income")
    #expect(run.errors.contains("in 'income': .a Refused: 3, .b Does not know: 2"), "\(run.errors)")
    #expect(run.errors.contains("98 No answer"))
  }

  @Test func placesInFilesWithoutLinesGiveTheRow() throws {
    let run = try CommandLineRun(
      "regress", "\(Self.folder)/people.sav", "log(half - 1) ~ age", "--where", "age > 20")
    #expect(run.status == 65)
    #expect(run.errors.contains("people.sav (row 2): "), "\(run.errors)")
    let separator = try regress("people.sav", "--separator", "semicolon")
    #expect(separator.status == 64 && separator.errors.contains("--separator"))
    let absent = try regress("people.sav", "--types", "agee=integer")
    #expect(absent.status == 65 && absent.errors.contains("did you mean 'age'"))
  }

  private static let people = "id,site,y\n1,A,3\n2,B,5\n3,A,2\n4,C,8\n5,B,7\n6,,1\n"
  private static let sites = "code,size,opened\nA,10,2020-01-01\nB,25,2021-04-01\nD,3,2019-01-01\n"

  private func joining(_ join: String, _ more: String...) throws -> CommandLineRun {
    let folder = try TemporaryFolder(["people.csv": Self.people, "s i.csv": Self.sites])
    return try CommandLineRun(
      arguments: ["regress", "people.csv", "y ~ size", "--format", "csv", "--join", join] + more,
      folder: folder.url)
  }

  @Test func join() throws {
    let run = try joining("s i.csv by site=code")
    #expect(run.status == 0, "\(run.errors)")
    // Least squares on (10, 3), (25, 5), (10, 2), (25, 7): slope 3.5/15.
    #expect(abs(run.number("estimate", term: "size") - 3.5 / 15) < 1e-12)
    #expect(
      run.errors.contains(
        "joined s i.csv: 2 of 6 rows have no match there and have its columns missing (1 of them lack"
          + " a key); 1 of its 3 rows belong to none of the data's"), "\(run.errors)")
    // Derived columns see the joined ones; types may name columns of either file.
    let derived = try joining(
      "s i.csv by site=code drop", "--derive", "size = cut(size, 20)", "--where",
      "year(opened) >= 2020", "--types", "opened=date,id=integer")
    #expect(derived.status == 0, "\(derived.errors)")
    #expect(derived.rows.last?["term"] == "sizeunder 20")
    let absent = try joining("s i.csv by site=code", "--types", "opend=date")
    #expect(absent.status == 65 && absent.errors.contains("did you mean 'opened'"))
  }

  @Test func joinRefusals() throws {
    for (join, status, says) in [
      ("s i.csv", Int32(64), "join takes a file, by and keys"),
      ("s i.csv by", 64, "join takes a file, by and keys"),
      ("s i.csv by site=code many-to-on", 64, "did you mean 'many-to-one'"),
      ("no.csv by site", 65, "[unreadable-file]"),
      ("s i.csv by site", 65, "[unknown-column]"),
      ("s i.csv by site=code one-to-one", 65, "people.csv:4:3: error [duplicate-key]"),
      ("s i.csv by site=code refuse", 65, "people.csv:5:3: error [missing-key]"),
      ("s i.csv by id=code", 65, "[wrong-type]"),
    ] {
      let run = try joining(join)
      #expect(run.status == status && run.output == "", "\(join)")
      #expect(run.errors.contains(says), "\(join): \(run.errors)")
    }
  }

  @Test func joinsOfAStudy() throws {
    var sites = "place,open\n"
    for site in 0..<8 { sites += "s\(site),\(site < 4 ? "yes" : "no")\n" }
    let folder = try TemporaryFolder([
      "people.csv": MadeUpStudy.sites(8, treated: 4), "sites.csv": sites,
      "study.yaml": MadeUpStudy.file().replacing(
        "  id: id\n",
        with: """
            id: id
            joins:
              - {file: sites.csv, by: site=place, unmatched: refuse}
            derive: ["t = recode(open, 'yes', 1, 'no', 0)"]

          """),
    ])
    let run = try CommandLineRun("validate", "study.yaml", folder: folder.url)
    #expect(run.output.contains("joined"), "\(run.output) \(run.errors)")
    #expect(run.output.contains("sites.csv: \(sites.utf8.count) bytes, read"))
    try folder.write("sites.csv", sites + "s0,yes\n")
    let twice = try CommandLineRun("validate", "study.yaml", folder: folder.url)
    #expect(twice.status == 65 && twice.errors.contains("sites.csv:10:1: error [duplicate-key]"))
  }
}
