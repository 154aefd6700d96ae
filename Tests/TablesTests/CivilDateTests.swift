import Statistics
import Testing

@testable import Tables

@Suite struct CivilDateTests {
  @Test func daysAndDatesCorrespondOneToOne() throws {
    // Each day follows the one before it in the calendar, leap years and all.
    var previous = CivilDate(days: -800_001).components
    for days in Int32(-800_000)...800_000 where days % 7 == 0 || abs(days) < 40_000 {
      let date = CivilDate(days: days)
      let (year, month, day) = date.components
      #expect(CivilDate(year: year, month: month, day: day) == date)
      if abs(days) < 39_999, days > -39_999 {
        let next =
          day == 1
          ? previous.day == CivilDate.length(year: previous.year, month: previous.month)
          : day == previous.day + 1
        #expect(next)
      }
      previous = (year, month, day)
    }
  }

  @Test(arguments: [
    ("1970-01-01", 0), ("1969-12-31", -1), ("2000-02-29", 11_016), ("2024-03-01", 19_783),
    ("1900-03-01", -25_508), ("0001-01-01", -719_162), ("9999-12-31", 2_932_896),
  ])
  func knownDays(text: String, days: Int32) {
    #expect(CivilDate(iso: text)?.days == days)
    #expect(CivilDate(days: days).isoText == text)
  }

  @Test(arguments: [
    "2023-02-29", "1900-02-29", "2024-13-01", "2024-00-10", "2024-04-31", "2024-1-01", "24-01-01",
    "2024/01/01", "2024-01-01T", "", "abcd-ef-gh", "2024-01-00", "-024-01-01",
  ])
  func wordsThatAreNotDates(text: String) {
    #expect(CivilDate(iso: text) == nil)
  }

  @Test func formats() throws {
    let date = try #require(CivilDate(year: 2024, month: 3, day: 7))
    for (pattern, text) in [
      ("yyyy-mm-dd", "2024-03-07"), ("dd/mm/yyyy", "07/03/2024"), ("mm/dd/yyyy", "03/07/2024"),
      ("yyyymmdd", "20240307"), ("d.m.yyyy", "7.3.2024"), ("dd-mmm-yyyy", "07-Mar-2024"),
      ("DD/MM/YYYY", "07/03/2024"),
    ] {
      let format = try DateFormat(pattern)
      #expect(format.date(text) == date, "\(pattern)")
      #expect(format.text(date) == text)
      #expect(format.date(text + "x") == nil && format.date("") == nil)
    }
    #expect(try DateFormat("dd-mmm-yyyy").date("07-MAR-2024") == date)
    #expect(try DateFormat("dd/mm/yyyy").date("7/3/2024") == nil)
    #expect(try DateFormat("d/m/yyyy").date("07/03/2024") == date)
    #expect(try DateFormat("dd/mm/yyyy").date("31/02/2024") == nil)
    for pattern in ["dd/mm/yy", "yyyy-mm", "", "dd/dd/yyyy", "yyyy-mm-dd hh", "yyyy-mmmm-dd"] {
      let error = #expect(throws: SiblingError.self) { try DateFormat(pattern) }
      #expect(error?.code == .badValue && error?.help?.contains("yyyy") == true)
    }
  }
}
