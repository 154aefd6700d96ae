import Cohorts
import Statistics
import Tables
import Testing

@Suite("Data quality")
struct DataQualityTests {
  @Test("missing values are counted by the arm of the site, reasons by name")
  func missing() throws {
    let quality = DataQuality(try SchemaFiles.tables())
    let education = quality.missing.filter { $0.table == "clients" && $0.column == "education" }
    #expect(education.map(\.arm) == ["non_sib", "sib"])
    #expect(education.map(\.rows) == [4, 2])
    #expect(education.map(\.missing) == [1, 0])
    let evidence = quality.missing.filter { $0.column == "verification_date" }
    #expect(evidence.map(\.rows) == [2, 2])
    #expect(evidence.map(\.missing) == [1, 0])
    let clients = try #require(quality.tables.first { $0.name == "clients" })
    #expect(clients.rows == 6)
    let column = try #require(clients.columns.first { $0.name == "education" })
    #expect(column.missing == 1)
    #expect(column.reasons.map(\.reason) == ["refused"])
    #expect(column.reasons.map(\.count) == [1])
    #expect(
      clients.columns.first { $0.name == "referral_date" }?.range == ["2019-01-07", "2020-01-06"])
    #expect(clients.columns.first { $0.name == "age" }?.range == ["29", "51"])
  }

  @Test("jobs of unknown people have no arm")
  func unknownArm() throws {
    let quality = DataQuality(try SchemaFiles.tables([.init("jobs", "e5b", "e5x")]))
    let evidence = quality.missing.filter { $0.column == "verification_date" }
    #expect(evidence.map(\.arm) == ["non_sib", "sib", "unknown"])
    #expect(evidence.map(\.missing) == [0, 0, 1])
  }

  // Starts: 2019-03-01 and 2019-09-16 are days, J3 is a month and left out. Hours 16, 30, 18.5, 12.
  // Tenures with both days: 2019-03-01 to 2019-10-01, seven months to the day and 214 days;
  // 2019-09-16 to 2020-03-16, six months to the day and 182 = 2 × 91 days.
  @Test("heaps of hours, first days and round tenures, by hand")
  func heaps() throws {
    let quality = DataQuality(
      try SchemaFiles.tables([
        .init(
          "jobs", "2019-03-11,day,2019-10-04,2019-10-04", "2019-03-01,day,2019-10-01,2019-10-01"),
        .init("jobs", "2020-02-13,2020-02-13", "2020-03-16,2020-03-16"),
        .init("jobs", ",20,", ",16,"),
      ]))
    func heap(_ column: String, _ what: String) throws -> [Int] {
      let heap = try #require(
        quality.heaps.first { $0.table == "jobs" && $0.column == column && $0.what == what })
      return [heap.count, heap.total]
    }
    #expect(try heap("start_date", "on the 1st of the month") == [1, 3])
    #expect(try heap("hours_per_week", "at exactly 16") == [1, 4])
    #expect(try heap("hours_per_week", "multiples of 5") == [1, 4])
    #expect(try heap("hours_per_week", "multiples of 8") == [1, 4])
    #expect(try heap("tenure", "whole months") == [2, 2])
    #expect(try heap("tenure", "multiples of 13 weeks") == [1, 2])
    #expect(quality.violations.map(\.rule) == [.hoursAtBoundary])
  }

  @Test("a cohort's quality is that of its tables; nothing is needed but clients")
  func cohort() throws {
    let tables = try SchemaFiles.tables(only: ["clients"])
    let cohort = try Cohort(clients: try #require(tables["clients"]))
    let quality = DataQuality(cohort)
    #expect(quality.tables.map(\.name) == ["clients"])
    #expect(quality.missing == DataQuality(tables).missing)
    #expect(quality.missing.filter { $0.column == "education" }.map(\.rows) == [4, 2])
  }
}

@Suite("The schema")
struct SchemaTests {
  @Test("eleven tables, distinct columns, keys that are columns, a sentence of help each")
  func tables() {
    #expect(
      Schema.tables.map(\.name) == [
        "sites", "site_periods", "clients", "jobs", "contracts", "tariffs", "payer_shares",
        "payer_caps", "targets", "costs", "claims",
      ])
    for table in Schema.tables {
      #expect(Set(table.names).count == table.names.count)
      #expect(table.key.allSatisfy { table.field($0) != nil })
      #expect(table.fields.allSatisfy { $0.help.hasSuffix(".") && $0.help.count > 3 })
      #expect(Set(table.reasonNames).isDisjoint(with: table.names))
    }
    #expect(Schema.clients.field("client_id")?.reasonName == nil)
    #expect(Schema.clients.field("education")?.reasonName == "education_reason")
  }

  @Test("the records' categories are the schema's")
  func categories() {
    #expect(Schema.sites.field("arm")?.kind == .category(["non_sib", "sib"]))
    #expect(
      Schema.jobs.field("verification")?.kind
        == .category(["payslip", "employer", "rti", "self_declared", "none"]))
  }

  @Test("templates are header lines; the description names every column")
  func description() {
    let description = SchemaDescription()
    #expect(description.templates.count == 11)
    #expect(
      description.templates[8].header
        == "contract_id,target_version,set_on,case,period,outcome,expected_n\n")
    for table in Schema.tables {
      for name in table.names { #expect(description.text.contains("  \(name) ")) }
    }
    #expect(description.text.contains("number from 0 to 80"))
  }
}
