import Statistics
import TestSupport
import Testing

@testable import Tables

@Suite struct ExpressionTests {
  private func table() throws -> Table {
    try Table(
      [
        Column(name: "age", values: .integers([17, 18, 40, Int.min])),
        Column(name: "ph.ecog", values: .doubles([0, 1.5, .nan, 3])),
        Column(name: "site", values: .text(Factor(["X", "Y", nil, "Z"]))),
        Column(name: "sib", values: .booleans([1, 0, -1, 1])),
        Column(name: "start", values: .dates([0, 19_723, Int32.min, 19_724])),
        Column(name: "my col", values: .doubles([-1, 0, 2, 4])),
      ], source: Table.Source(file: "people.csv", lines: [2, 3, 4, 5]))
  }

  private func numbers(_ text: String) throws -> [Double] {
    guard case .doubles(let values) = try Expression(parsing: text).evaluate(on: table()).values
    else { return [] }
    return values
  }

  private func truths(_ text: String) throws -> [Int8] {
    guard case .booleans(let values) = try Expression(parsing: text).evaluate(on: table()).values
    else { return [] }
    return values
  }

  // Values from R 4.2.2.
  @Test(arguments: [
    ("-2^2", -4), ("2^3^2", 512), ("2^-1", 0.5), ("7 %% 3", 1), ("-7 %% 3", 2), ("7 %% -3", -2),
    ("-7 %/% 2", -4), ("7.5 %/% 2", 3), ("1 + 2 * 3", 7), ("(1 + 2) * 3", 9), ("6 / 3 / 2", 1),
    ("10 - 3 - 2", 5), ("2 * 3 %% 2", 2), ("-3 %/% 2", -2), ("round(2.5)", 2), ("round(-1.5)", -2),
    ("round(0.15, 1)", 0.1), ("round(2.675, 2)", 2.67), ("round(1234, -2)", 1200),
    ("log(8, 2)", 3), ("log(100, base = 10)", 2), ("log1p(0)", 0), ("sqrt(9) + abs(-2)", 5),
    ("floor(-1.5) + ceiling(1.2)", 0), ("trunc(-1.7)", -1), ("min(3, 1, 2)", 1), ("pmax(3, 5)", 5),
    ("ifelse(2 > 1, 10, 20)", 10), ("TRUE + TRUE", 2), ("as.numeric(\"1e3\")", 1000),
    ("as.integer(-2.9)", -2), ("exp(0) + expm1(0)", 1), ("log2(8) + log10(1000)", 6),
    ("1e3 + .5 + 2L", 1002.5), ("NA^0", 1), ("5 %/% 0.2", 24), ("1 %% 0.1", 0.09999999999999995),
  ])
  func arithmeticIsRs(text: String, value: Double) throws {
    #expect(close(try numbers(text), [Double](repeating: value, count: 4), .closedForm), "\(text)")
  }

  @Test func columnsAreRead() throws {
    #expect(close(try numbers("age + 1"), [18, 19, 41, .nan]))
    #expect(close(try numbers("ph.ecog * `my col`"), [0, 0, .nan, 12]))
    #expect(close(try numbers("ifelse(sib, age, 0)"), [17, 0, .nan, .nan]))
    #expect(close(try numbers("pmin(age, 20)"), [17, 18, 20, .nan]))
    #expect(
      try Expression(parsing: "log(age) + ph.ecog + `my col` + age").columnNames == [
        "age", "ph.ecog", "my col",
      ])
    // A name alone is the column as it is.
    #expect(
      try Expression(parsing: "age").evaluate(on: table()).values == table().column("age").values)
  }

  @Test func missingIsThreeValued() throws {
    #expect(try truths("NA & FALSE") == [0, 0, 0, 0])
    #expect(try truths("NA | TRUE") == [1, 1, 1, 1])
    #expect(try truths("sib & age > 17") == [0, 0, -1, -1])
    #expect(try truths("sib | age > 17") == [1, 1, 1, 1])
    #expect(try truths("!sib") == [0, 1, -1, 0])
    #expect(try truths("!age == 18") == [1, 0, 1, -1])
    #expect(try truths("is.na(site) | is.na(age)") == [0, 0, 1, 1])
    #expect(try truths("site == NA") == [-1, -1, -1, -1])
  }

  @Test func textAndDatesAreCompared() throws {
    #expect(try truths("site != \"X\"") == [0, 1, -1, 1])
    #expect(try truths("site >= 'Y'") == [0, 1, -1, 1])
    #expect(try truths("'Y' > site") == [1, 0, -1, 0])
    #expect(try truths("site == 'unseen'") == [0, 0, -1, 0])
    #expect(try truths("site %in% c('X', \"Z\")") == [1, 0, 0, 1])
    #expect(try truths("age %in% 17:20") == [1, 1, 0, 0])
    #expect(try truths("age %in% c(40, NA)") == [0, 0, 1, 1])
    #expect(try truths("site == site") == [1, 1, -1, 1])
    #expect(try truths("start >= \"2024-01-01\"") == [0, 1, -1, 1])
    #expect(try truths("start == '1970-01-01'") == [1, 0, -1, 0])
    #expect(try truths("start < ifelse(NA, '2024-01-01', '2024-01-02')") == [-1, -1, -1, -1])
    #expect(try truths("start < ifelse(FALSE, '2024-01-02', '1970-01-01')") == [0, 0, -1, 0])
    #expect(close(try numbers("start - 19723"), [-19723, 0, .nan, 1]))
  }

  @Test func filtersKeepOnlyTrueRows() throws {
    let table = try table()
    #expect(try Expression(parsing: "age >= 18 & site != \"X\"").filter(on: table) == [1])
    #expect(try Expression(parsing: "sib").filter(on: table) == [0, 3])
    let error = #expect(throws: SiblingError.self) {
      try Expression(parsing: "age").filter(on: table)
    }
    #expect(error?.code == .wrongType)
  }

  @Test func valuesThatCannotBeComputedAreLocated() throws {
    for (text, row) in [("log(`my col`)", 0), ("`my col` / 0 > 0", 1), ("sqrt(age - 18)", 0)] {
      let error = #expect(throws: SiblingError.self) {
        try Expression(parsing: text).evaluate(on: table())
      }
      #expect(error?.code == .badValue, "\(text)")
      #expect(error?.row == row, "\(text)")
      #expect(error?.location == SiblingError.Location(file: "people.csv", line: row + 2))
    }
    // What ifelse or & leaves out does no harm.
    #expect(
      close(
        try numbers("ifelse(`my col` > 0, log(`my col`), 0)").map { $0 },
        [
          0, 0, 0.6931471805599453, 1.3862943611198906,
        ]))
    #expect(try truths("`my col` >= 0 & sqrt(`my col`) > 1") == [0, 0, 1, 1])
  }

  @Test func typesAreKeptApart() throws {
    for text in [
      "site == 1", "site + 1", "age == 'x'", "sib == 'true'", "-site", "!site",
      "start > 'yesterday'", "ifelse(sib, 'a', 1)", "age %in% c('a')", "site %in% 3",
    ] {
      let error = #expect(throws: SiblingError.self) {
        try Expression(parsing: text).evaluate(on: table())
      }
      #expect(error?.code == .wrongType, "\(text)")
      #expect(error?.location?.file == "<expression>", "\(text)")
    }
    let cell = #expect(throws: SiblingError.self) {
      try Expression(parsing: "as.numeric(site)").evaluate(on: table())
    }
    #expect(cell?.code == .badCell && cell?.location?.line == 2)
  }

  @Test(arguments: [
    ("", 1), ("age >=", 7), ("age > 1 2", 9), ("(age", 1), ("age)", 4), ("age = 3", 5),
    ("1 < age < 3", 9), ("lg(age)", 1), ("age and sib", 5), ("age %on% 3", 5), ("'abc", 1),
    ("age ~ 3", 5), ("\u{201C}X\u{201D} == site", 1), ("log(age,", 9), ("poly(age, 2)", 1),
    ("age # 3", 5), ("c(1, 2)", 1), ("age %in% site", 10), ("log(1, 2, 3)", 1), ("1:3", 2),
    ("round(age, x)", 12), ("ifelse(a, b)", 1), ("log(y = 2)", 9), ("min(age)", 1),
  ])
  func syntaxErrorsPointAtTheirPlace(text: String, column: Int) throws {
    let error = #expect(throws: SiblingError.self) {
      try Expression(parsing: text).evaluate(on: table())
    }
    #expect(error?.code == .expressionSyntax, "\(text)")
    #expect(error?.location?.column == column, "\(text): \(String(describing: error))")
  }

  @Test func longChainsAreEvaluated() throws {
    let sum = [String](repeating: "`my col`", count: 240).joined(separator: " + ")
    #expect(close(try numbers(sum), [-240, 0, 480, 960]))
    let deep = String(repeating: "-(", count: 90) + "age" + String(repeating: ")", count: 90)
    #expect(close(try numbers(deep), [17, 18, 40, .nan]))
    let error = #expect(throws: SiblingError.self) {
      try numbers([String](repeating: "age", count: 400).joined(separator: "+"))
    }
    #expect(error?.code == .expressionSyntax)
  }

  @Test func namesAreSuggested() throws {
    let function = #expect(throws: SiblingError.self) { try Expression(parsing: "sqr(age)") }
    #expect(function?.suggestion == "sqrt")
    let column = #expect(throws: SiblingError.self) {
      try Expression(parsing: "agee > 3").evaluate(on: table())
    }
    #expect(column?.code == .unknownColumn && column?.suggestion == "age")
    let truth = #expect(throws: SiblingError.self) {
      try Expression(parsing: "sib == true").evaluate(on: table())
    }
    #expect(truth?.suggestion == "TRUE")
  }

  @Test func derivationsAddOrReplaceAColumn() throws {
    let added = try Derivation(parsing: "logage = log(age)").apply(to: table())
    #expect(added.names.last == "logage")
    let replaced = try Derivation(parsing: "`my col` = ifelse(site == 'X', 'north', site)")
      .apply(to: table())
    #expect(replaced.names == (try table().names))
    #expect(
      try replaced.column("my col").values
        == .text(
          Factor(codes: [2, 0, -1, 1], levels: ["Y", "Z", "north"])))
    #expect(replaced.location(row: 0)?.line == 2)
    for (text, column) in [
      ("log(age)", 4), ("x == 3", 3), ("= 3", 1), ("x = ", 5), ("x = y = 3", 7),
    ] {
      let error = #expect(throws: SiblingError.self) { try Derivation(parsing: text) }
      #expect(error?.code == .expressionSyntax && error?.location?.column == column, "\(text)")
    }
  }

  @Test func numbersAreWrittenAsRWritesThem() {
    let written: [(Double, String)] = [
      (1e5, "1e+05"), (123_456, "123456"), (0.1, "0.1"), (1e-5, "1e-05"), (1e15, "1e+15"),
      (123_456.7, "123456.7"), (1 / 3, "0.333333333333333"), (1e-4, "1e-04"), (100, "100"),
      (0.0001234, "0.0001234"), (0.1 + 0.2, "0.3"), (-2.5, "-2.5"), (1_234_567.891, "1234567.891"),
    ]
    for (value, text) in written { #expect(numberText(value) == text) }
  }
}
