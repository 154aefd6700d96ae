import Statistics
import Testing

@testable import Tables

@Suite struct RecodingTests {
  private func text(_ values: [String?]) -> Column {
    Column(name: "x", values: .text(Factor(values)))
  }

  @Test func text() throws {
    let column = text(["gcse", "none", nil, "n/k", "gcse"])
    let kept = try column.recoded(["gcse": "l1_2", "n/k": nil])
    #expect(kept.asStrings == ["l1_2", "none", nil, nil, "l1_2"])
    #expect(kept.values == .text(Factor(["l1_2", "none", nil, nil, "l1_2"])))
    #expect(
      try column.recoded(["gcse": "l1_2"], others: .missing).asStrings
        == ["l1_2", nil, nil, nil, "l1_2"])
    let error = #expect(throws: SiblingError.self) {
      try column.recoded(["gcse": "a", "none": "b"], others: .refuse)
    }
    #expect(error?.code == .badCell && error?.row == 3 && error?.cell == "n/k")
    #expect(column.absent(from: ["gcse": "a", "gsce": "b"]) == ["gsce"])
    // Two levels that become one.
    #expect(try column.recoded(["n/k": "none"]).asFactor.levels == ["gcse", "none"])
  }

  @Test func textToNumbers() throws {
    let column = text(["yes", "no", nil])
    #expect(try column.recoded(["yes": "1", "no": "0"]).values == .integers([1, 0, .min]))
    // A value that stays as text keeps the column text.
    #expect(try column.recoded(["yes": "1"]).asStrings == ["1", "no", nil])
    // Identifiers with leading zeros are text.
    #expect(try column.recoded(["yes": "01", "no": "02"]).typeName == "text")
  }

  @Test func numbers() throws {
    let whole = Column(name: "x", values: .integers([1, -9, 2, .min]))
    #expect(try whole.recoded(["-9": nil]).values == .integers([1, .min, 2, .min]))
    #expect(try whole.recoded(["1.0": "5"]).values == .integers([5, -9, 2, .min]))
    #expect(
      try whole.recoded(["1": "low", "2": "high", "-9": nil]).asStrings
        == ["low", nil, "high", nil])
    let doubles = Column(name: "x", values: .doubles([0.5, 99, .nan]))
    let recoded = try doubles.recoded(["99": nil])
    #expect(recoded.asDoubles?[0] == 0.5 && recoded.asDoubles?[1].isNaN == true)
    #expect(recoded.typeName == "number")
    #expect(whole.absent(from: ["1.0": "a", "3": "b"]) == ["3"])
  }

  @Test func otherTypes() throws {
    let truths = Column(name: "x", values: .booleans([1, 0, -1]))
    #expect(try truths.recoded(["true": "1", "false": "0"]).values == .integers([1, 0, .min]))
    let dates = Column(name: "x", values: .dates([0, 1]))
    #expect(try dates.recoded(["1970-01-01": nil]).values == .dates([.min, 1]))
    #expect(try Column(name: "x", values: .integers([])).recoded(["1": "a"]).count == 0)
  }

  // Functions of expressions.

  private func table() throws -> Table {
    try Table([
      Column(name: "edu", values: .text(Factor(["gcse", "none", nil, "degree"]))),
      Column(name: "age", values: .doubles([15.5, 16, .nan, 60])),
      Column(name: "code", values: .integers([1, 2, .min, 9])),
      Column(name: "on", values: .booleans([1, 0, -1, 1])),
      // 2020-02-29, 2019-12-31, missing, 2021-10-01
      Column(name: "start", values: .dates([18_321, 18_261, .min, 18_901])),
      Column(name: "end", values: .dates([18_322, .min, 18_000, 18_900])),
      Column(name: "word", values: .text(Factor(["2020-01-01", nil, "2020-01-02", "2020-01-01"]))),
    ])
  }

  private func strings(_ text: String) throws -> [String?] {
    try Expression(parsing: text).evaluate(on: table()).asStrings
  }

  @Test func recode() throws {
    #expect(
      try strings(#"recode(edu, "gcse", "l1_2", "degree", "l4")"#) == ["l1_2", "none", nil, "l4"])
    #expect(try strings(#"recode(edu, "gcse", 1, "none", 0, NA)"#) == ["1", "0", nil, nil])
    #expect(try strings(#"recode(edu, "gcse", "low", "other")"#) == ["low", "other", nil, "other"])
    #expect(try strings(#"recode(edu, NA, "unknown")"#) == ["gcse", "none", "unknown", "degree"])
    #expect(try strings(#"recode(code, 9, NA)"#) == ["1", "2", nil, nil])
    #expect(try strings(#"recode(code, 1, "a", 2, "b", "c")"#) == ["a", "b", nil, "c"])
    #expect(try strings(#"recode(code, 1, -1.5, 2, 0, 7)"#) == ["-1.5", "0", nil, "7"])
    #expect(try strings(#"recode(on, TRUE, "in", FALSE, "out")"#) == ["in", "out", nil, "in"])
    #expect(
      try strings(#"recode(start, "2020-02-29", NA)"#) == [nil, "2019-12-31", nil, "2021-10-01"])
    for (bad, code) in [
      (#"recode(code, 1, "a")"#, SiblingError.Code.wrongType),
      (#"recode(edu, 1, 2, NA)"#, .wrongType),
      (#"recode(edu, "a", "b", "c", 1)"#, .expressionSyntax),
      (#"recode(edu, "a", "b", "a", "c")"#, .expressionSyntax),
      (#"recode(edu, "a")"#, .expressionSyntax), (#"recode(edu, "a", age)"#, .expressionSyntax),
    ] {
      #expect(#expect(throws: SiblingError.self, "\(bad)") { try strings(bad) }?.code == code)
    }
  }

  @Test func cut() throws {
    #expect(
      try strings("cut(age, 16, 25, 50)") == ["under 16", "16 to under 25", nil, "50 and over"])
    #expect(try strings("cut(age, c(16))") == ["under 16", "16 and over", nil, "16 and over"])
    for bad in ["cut(age, 25, 16)", #"cut(age, "a")"#, "cut(age)", #"cut(edu, 1)"#] {
      #expect(throws: SiblingError.self) { try strings(bad) }
    }
  }

  @Test func dates() throws {
    #expect(try strings("year(start)") == ["2020", "2019", nil, "2021"])
    #expect(try strings("quarter(start)") == ["1", "4", nil, "4"])
    #expect(try strings("month(start)") == ["2", "12", nil, "10"])
    #expect(try strings("days(start, end)") == ["1", nil, nil, "-1"])
    #expect(try strings("end - start") == ["1", nil, nil, "-1"])
    #expect(try strings(#"days("2020-02-28", start)"#) == ["1", "-59", nil, "581"])
    #expect(try strings("as.Date(word)") == ["2020-01-01", nil, "2020-01-02", "2020-01-01"])
    #expect(try strings("as.Date(start + 1)") == ["2020-03-01", "2020-01-01", nil, "2021-10-02"])
    #expect(try strings("ifelse(start > end, 1, 0)") == ["0", nil, nil, "1"])
    for bad in ["year(edu)", "year(age)", #"days(start, "soon")"#, "as.Date(1e9)"] {
      #expect(throws: SiblingError.self) { try strings(bad) }
    }
  }
}
