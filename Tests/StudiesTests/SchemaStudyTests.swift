import Foundation
import Statistics
import Tables
import Testing

@testable import Studies

/// A folder with a study of tables; removed at the end.
private final class StudyFolder {
  let url: URL

  init(_ study: String, _ files: [String: String]) throws {
    url = FileManager.default.temporaryDirectory.appendingPathComponent(UUID().uuidString)
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: true)
    for (name, text) in files {
      try text.write(to: url.appendingPathComponent(name), atomically: true, encoding: .utf8)
    }
    try study.write(to: url.appendingPathComponent("study.yaml"), atomically: true, encoding: .utf8)
  }

  deinit { try? FileManager.default.removeItem(at: url) }

  var path: String { url.appendingPathComponent("study.yaml").path }

  func validate() throws -> StudyValidation {
    try StudyRun(try StudyFile(path: path)).validate()
  }
}

@Suite("Studies of tables in the schema")
struct SchemaStudyTests {
  static let head = "study: t\ntitle: T\nquestion: Q?\n"
  static let clients = """
    client_id,site_id,referral_date,referral_decision,accept_date,education
    a1,S1,2019-01-07,accepted,2019-01-14,l3
    b2,S1,2019-02-04,accepted,2019-02-11,none
    c3,S2,2019-03-04,accepted,2019-03-12,l1_2
    d4,S2,2019-04-02,declined_client,,l3

    """
  static let sites = "site_id,arm\nS1,sib\nS2,non_sib\n"
  static let tables =
    "data:\n  tables:\n    clients: {file: c.csv}\n    sites: {file: s.csv}\n"

  private func places(_ problems: [SiblingError]) -> [String] {
    problems.map { problem in
      let file = problem.location?.file.split(separator: "/").last ?? ""
      let line = problem.location?.line.map { ":\($0)" } ?? ""
      return "\(file)\(line) \(problem.message)"
    }
  }

  @Test("sound tables are read, counted and told of; every person and date is there")
  func sound() throws {
    let folder = try StudyFolder(
      Self.head + Self.tables, ["c.csv": Self.clients, "s.csv": Self.sites])
    let found = try folder.validate()
    #expect(found.problems.isEmpty)
    #expect(found.lines.contains("clients: 4 rows"))
    #expect(found.lines.contains("rules: none is broken"))
    #expect(found.lines.contains { $0.hasPrefix("  accept_date") && $0.contains("25.0%") })
    // Ranges are cells.
    #expect(!found.lines.contains { $0.contains("2019-01-07") })
  }

  @Test("ranges are shown for public data")
  func ranges() throws {
    let folder = try StudyFolder(
      Self.head + "public: true\n" + Self.tables, ["c.csv": Self.clients, "s.csv": Self.sites])
    #expect(
      try folder.validate().lines.contains { $0.contains("2019-01-07 to 2019-04-02") })
  }

  @Test("every rule that is broken is listed once, with its first place and the number of places")
  func broken() throws {
    let clients = Self.clients.replacingOccurrences(of: "a1,S1", with: "a1,S9")
      .replacingOccurrences(of: ",l3", with: ",L3")
      .replacingOccurrences(of: "2019-02-11", with: "2019-01-11")
    let folder = try StudyFolder(
      Self.head + Self.tables, ["c.csv": clients, "s.csv": Self.sites])
    let found = try folder.validate()
    #expect(
      places(found.problems) == [
        "c.csv:2 clients: 'education' holds a value that the schema does not have (2 places)",
        "c.csv:2 clients: the site is not in the table of sites",
        "c.csv:3 clients: 'accept_date' lies before 'referral_date'",
      ])
    #expect(found.problems.first?.suggestion == "l3")
    #expect(
      found.summary == [
        "by rule:", "  unknown-category: 2 places in clients",
        "  unknown-site: 1 place in clients", "  dates-out-of-order: 1 place in clients",
        "3 rules broken in 4 places: nothing is estimated until the data are right",
      ])
    // A run stops at the first of them and says that there are more.
    let error = #expect(throws: SiblingError.self) {
      try StudyRun(try StudyFile(path: folder.path)).run(
        into: folder.url.appendingPathComponent("out").path
      ) { _ in }
    }
    #expect(error?.message == found.problems.first?.message)
    #expect(error?.help?.contains("2 more like it") == true)
    #expect(
      !FileManager.default.fileExists(atPath: folder.url.appendingPathComponent("out").path))
  }

  @Test("columns and values are mapped, other columns kept, and places are those of the file")
  func mapping() throws {
    let file = """
      Ref;Ward;Referred;Accepted;Edu;Note;Jobless
      x1;S1;07/01/2019;14/01/2019;GCSE;a;none
      x2;S2;08/01/2019;01/01/2019;A level;b;12
      x3;S2;08/01/2019;;?;b;3

      """
    let study =
      Self.head + """
        data:
          missing-words: ["-"]
          tables:
            clients:
              file: c.csv
              columns:
                {client_id: Ref, site_id: Ward, referral_date: Referred, accept_date: Accepted,
                 education: Edu, months_since_last_job: Jobless}
              recode:
                education: {GCSE: l1_2, A level: l3, "?": ""}
                months_since_last_job: {none: 0}
              date-format: {Referred: dd/mm/yyyy, Accepted: dd/mm/yyyy}
              derive: [long = months_since_last_job > 6]

        """
    let folder = try StudyFolder(study, ["c.csv": file])
    let read = SchemaTables(try StudyFile(path: folder.path))
    #expect(read.problems.isEmpty)
    let clients = try #require(read.tables["clients"])
    #expect(
      clients.names == [
        "client_id", "site_id", "referral_date", "accept_date", "education", "Note",
        "months_since_last_job", "long",
      ])
    #expect(try clients.strings("education") == ["l1_2", "l3", nil])
    #expect(try clients.doubles("months_since_last_job") == [0, 12, 3])
    #expect(try clients.doubles("long") == [0, 1, 0])
    let error = try #require(read.errors.first)
    #expect(error.message == "clients: 'accept_date' lies before 'referral_date'")
    #expect(error.location?.line == 3)
    #expect(error.location?.column == 18)
  }

  @Test("what does not fit the file is located in the study file, all of it")
  func misfit() throws {
    let study =
      Self.head + """
        data:
          types: {education: text}
          tables:
            clients:
              file: c.csv
              columns: {site_id: sit_id, accept_date: client_id, exit_date: client_id}
              recode: {education: {L3: l3}, sexx: {m: male}}
            sites: {file: absent.csv}

        """
    let folder = try StudyFolder(study, ["c.csv": Self.clients])
    let found = try folder.validate()
    #expect(
      places(found.problems) == [
        "study.yaml:5 'types' stands under 'data', and the data are several tables",
        "study.yaml:9 'site_id' of clients is mapped to 'sit_id', which the file does not have",
        "study.yaml:9 the column 'client_id' is mapped to 'accept_date' and to 'exit_date'",
        "c.csv:1 two columns would be called 'accept_date'",
        "study.yaml:10 'L3' is recoded, and does not occur in 'education' of clients",
        "study.yaml:10 there is no column 'sexx' of clients to recode",
        "absent.csv the file cannot be read: No such file or directory",
      ])
    #expect(found.problems.first { $0.column == "sit_id" }?.suggestion == "site_id")
    // The nearest value is one of the data's, so it is named only where they are public.
    #expect(found.problems.first { $0.column == "education" }?.suggestion == nil)
    #expect(found.summary == ["7 problems with the tables of \(folder.path)"])
  }

  @Test("an unknown field of the schema is a problem of the study file")
  func unknownField() throws {
    let study = Self.head + "data: {tables: {clients: {file: c.csv, columns: {referal_date: r}}}}\n"
    let folder = try StudyFolder(study, ["c.csv": Self.clients])
    let problem = try #require(try StudyFile.problems(path: folder.path).first)
    #expect(problem.code == .unknownKey)
    #expect(problem.suggestion == "referral_date")
    #expect(problem.help?.contains("education_reason") == false)
    let reason = Self.head + "data: {tables: {clients: {file: c.csv, columns: {sex_reason: r}}}}\n"
    let other = try StudyFolder(reason, ["c.csv": Self.clients])
    #expect(try StudyFile.problems(path: other.path).isEmpty)
  }

  @Test("tables without clients are refused")
  func withoutClients() throws {
    let folder = try StudyFolder(
      Self.head + "data: {tables: {sites: {file: s.csv}}}\n", ["s.csv": Self.sites])
    #expect(try folder.validate().problems.map(\.code) == [.missingKey])
  }
}
