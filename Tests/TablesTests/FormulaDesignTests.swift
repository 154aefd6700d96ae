import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Tables

/// The twelve rows of formula_data.csv.
func formulaTable() throws -> Table {
  let csv = try Golden.csv("formula_data.csv")
  func text(_ name: String) -> Column.Values { .text(Factor(csv[name] ?? [])) }
  func whole(_ name: String) -> Column.Values {
    .integers((csv[name] ?? []).compactMap { Int($0) })
  }
  func number(_ name: String) -> Column.Values { .doubles(Golden.numbers(csv[name])) }
  let truths = (csv["sib"] ?? []).map { Int8($0 == "true" ? 1 : 0) }
  return try Table([
    Column(name: "y", values: number("y")), Column(name: "x", values: number("x")),
    Column(name: "z", values: whole("z")), Column(name: "k", values: whole("k")),
    Column(name: "race", values: text("race")), Column(name: "sib", values: .booleans(truths)),
    Column(name: "my var", values: whole("my var")), Column(name: "grp", values: text("grp")),
    Column(name: "w", values: number("w")), Column(name: "s", values: text("s")),
  ])
}

@Suite struct FormulaDesignTests {
  @Test func designsAgreeWithR() throws {
    let table = try formulaTable()
    let cases = try Golden.json("formula_design.json").array
    #expect(cases.count == 28)
    for golden in cases {
      let text = try #require(golden["formula"].string)
      let formula = try Formula(parsing: text)
      let design = try formula.bind(to: table).design
      #expect(design.names == golden["names"].array.map { $0.string ?? "" }, "\(text)")
      #expect(design.terms == golden["labels"].array.map { $0.string ?? "" }, "\(text)")
      #expect(design.assignment == golden["assign"].doubles.map { Int($0) - 1 }, "\(text)")
      #expect(close(design.matrix.storage, golden["values"].doubles, .closedForm), "\(text)")
    }
  }

  @Test func shuffledRowsShuffleTheDesign() throws {
    let table = try formulaTable()
    let order = [7, 2, 11, 0, 5, 3, 9, 1, 10, 4, 8, 6]
    let shuffled = try table.taking(order)
    for text in ["y ~ x*race + poly(z, 2)", "y ~ ns(x, 3):grp + factor(k)"] {
      let formula = try Formula(parsing: text)
      let expected = try formula.bind(to: table).design.selecting(rows: order)
      let found = try formula.bind(to: shuffled).design
      #expect(found.names == expected.names)
      #expect(close(found.matrix.storage, expected.matrix.storage, .closedForm))
    }
  }

  @Test func survivalAndAbsorbedFormulasCodeAsWithAnIntercept() throws {
    let table = try formulaTable()
    let cox = try Formula(parsing: "Surv(y, sib) ~ race + strata(s) - 1").bind(to: table)
    #expect(cox.design.names == ["(Intercept)", "raceother", "racewhite"])
    #expect(cox.strata?.levels == ["s=p", "s=q"])
    let absorbed = try Formula(parsing: "y ~ 0 + race + x | grp + k").bind(to: table)
    #expect(absorbed.design.names == ["(Intercept)", "raceother", "racewhite", "x"])
    #expect(absorbed.formula.absorbed == ["grp", "k"])
    #expect(absorbed.absorbed.map(\.levels) == [["a", "b"], ["1", "2", "3"]])
  }

  @Test func settingAColumnKeepsLevelsAndBases() throws {
    let table = try formulaTable()
    let frame = try Formula(parsing: "y ~ sib*x + ns(x, 3) + poly(x, 2) + factor(k)")
      .bind(to: table)
    let treated = try frame.design(settingColumn: "sib", to: 1)
    #expect(treated.names == frame.design.names)
    #expect(treated.matrix.column(1) == [Double](repeating: 1, count: 12))
    let interaction = try #require(treated.names.firstIndex(of: "sibTRUE:x"))
    #expect(treated.matrix.column(interaction) == frame.design.matrix.column(2))
    let spline = try #require(treated.names.firstIndex(of: "ns(x, 3)1"))
    #expect(treated.matrix.column(spline) == frame.design.matrix.column(spline))

    // Setting x to a row's own value gives that row's basis everywhere.
    let fixed = try frame.design(settingColumn: "x", to: 6.75)
    for column in 1..<frame.design.columns where frame.design.names[column].contains("(x") {
      #expect(close(fixed.matrix[0, column], frame.design.matrix[4, column], .closedForm))
    }
    let level = try frame.design(settingColumn: "k", to: 3)
    let last = try #require(level.names.firstIndex(of: "factor(k)3"))
    #expect(level.matrix.column(last) == [Double](repeating: 1, count: 12))
    #expect(throws: SiblingError.self) { try frame.design(settingColumn: "k", to: 9) }
    #expect(throws: SiblingError.self) { try frame.design(settingColumn: "sib", to: 2) }
    #expect(throws: SiblingError.self) { try frame.design(settingColumn: "nothing", to: 1) }

    let text = try Formula(parsing: "y ~ grp*x").bind(to: table)
    let second = try text.design(settingColumn: "grp", to: 1)
    #expect(second.matrix.column(1) == [Double](repeating: 1, count: 12))
    let first = try text.design(settingColumn: "grp", to: 0)
    #expect(first.matrix.column(1) == [Double](repeating: 0, count: 12))
    #expect(first.matrix.column(3) == [Double](repeating: 0, count: 12))
  }

  @Test func basesNeedEnoughValues() throws {
    let table = try formulaTable()
    for text in ["y ~ poly(k, 3)", "y ~ ns(k, 6)", "y ~ ns(x, knots = 99)"] {
      let error = #expect(throws: SiblingError.self) {
        try Formula(parsing: text).bind(to: table)
      }
      #expect(error?.code == .badDesign, "\(text)")
      #expect(error?.location?.column == 5, "\(text)")
    }
  }

  @Test func manyLevelsAreRefusedWithAdvice() throws {
    let n = 1500
    let table = try Table([
      Column(name: "y", values: .doubles((0..<n).map { Double($0) })),
      Column(name: "id", values: .text(Factor((0..<n).map { "p\($0)" }))),
      Column(name: "one", values: .text(Factor([String](repeating: "a", count: n)))),
    ])
    let wide = #expect(throws: SiblingError.self) {
      try Formula(parsing: "y ~ id").bind(to: table)
    }
    #expect(wide?.code == .badDesign)
    #expect(wide?.help?.contains("| id") == true)
    let constant = #expect(throws: SiblingError.self) {
      try Formula(parsing: "y ~ one").bind(to: table)
    }
    #expect(constant?.code == .badDesign)
    #expect(constant?.column == "one")
    #expect(try Formula(parsing: "y ~ 1 | id").bind(to: table).absorbed[0].levels.count == n)
  }
}

extension Table {
  /// The table with its rows in another order.
  func taking(_ rows: [Int]) throws -> Table {
    try Table(
      columns.map { column in
        let values: Column.Values =
          switch column.values {
          case .integers(let values): .integers(rows.map { values[$0] })
          case .doubles(let values): .doubles(rows.map { values[$0] })
          case .text(let factor): .text(factor.selecting(rows))
          case .booleans(let values): .booleans(rows.map { values[$0] })
          case .dates(let values): .dates(rows.map { values[$0] })
          }
        return Column(name: column.name, values: values)
      })
  }
}
