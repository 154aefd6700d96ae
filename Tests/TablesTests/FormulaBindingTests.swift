import LinearAlgebra
import Statistics
import TestSupport
import Testing

@testable import Tables

@Suite struct FormulaBindingTests {
  private let nan = Double.nan

  private func table() throws -> Table {
    try Table(
      [
        Column(name: "y", values: .doubles([1, 2, .nan, 4, 5, 6])),
        Column(name: "x", values: .integers([3, Int.min, 5, 6, 7, 8])),
        Column(name: "f", values: .text(Factor(["a", "b", "c", "b", "d", nil]))),
        Column(name: "w", values: .doubles([1, 1, 1, .nan, 1, 1])),
        Column(name: "t", values: .integers([5, 4, 3, 2, 1, 6])),
        Column(name: "e", values: .integers([1, 2, 1, 2, 2, 1])),
        Column(name: "n", values: .doubles([-1, 0, 1, 2, 3, 4])),
      ], source: Table.Source(file: "jobs.csv", lines: [2, 3, 4, 5, 6, 7]))
  }

  @Test func incompleteRowsAreDroppedAndCounted() throws {
    let frame = try Formula(parsing: "y ~ x + f").bind(to: table(), alsoComplete: ["w"])
    #expect(frame.rows == [0, 4])
    #expect(frame.droppedRows == 4)
    #expect(
      frame.dropped == [
        .init(column: "y", count: 1), .init(column: "x", count: 1), .init(column: "f", count: 1),
        .init(column: "w", count: 1),
      ])
    #expect(frame.response == [1, 5])
    // Levels b and c belong to dropped rows.
    #expect(frame.design.names == ["(Intercept)", "x", "fd"])
    #expect(frame.design.matrix.storage == [1, 1, 3, 7, 0, 1])
    #expect(try frame.numbers(of: "t") == [5, 1])
    #expect(try frame.factor(of: "f").levels == ["a", "d"])
    #expect(throws: SiblingError.self) { try frame.numbers(of: "f") }
  }

  @Test func missingRowsAreAnErrorOnRequest() throws {
    let error = #expect(throws: SiblingError.self) {
      try Formula(parsing: "y ~ x").bind(to: table(), missing: .error)
    }
    #expect(error?.code == .missingValue)
    #expect(error?.column == "y")
    #expect(error?.row == 2)
    #expect(error?.location?.file == "jobs.csv" && error?.location?.line == 4)
    #expect(try Formula(parsing: "t ~ e").bind(to: table(), missing: .error).rows.count == 6)
  }

  @Test func noCompleteRowNamesTheColumn() throws {
    let table = try Table([
      Column(name: "y", values: .doubles([1, .nan])),
      Column(name: "x", values: .doubles([.nan, .nan])),
    ])
    let error = #expect(throws: SiblingError.self) {
      try Formula(parsing: "y ~ x").bind(to: table)
    }
    #expect(error?.code == .noRows)
    #expect(error?.column == "x")
    #expect(error?.help?.contains("'x' (2)") == true)
    let empty = #expect(throws: SiblingError.self) {
      try Formula(parsing: "y ~ 1").bind(to: Table([Column(name: "y", values: .doubles([]))]))
    }
    #expect(empty?.code == .noRows)
  }

  @Test func impossibleValuesAreLocated() throws {
    let negative = #expect(throws: SiblingError.self) {
      try Formula(parsing: "t ~ log(n)").bind(to: table())
    }
    #expect(negative?.code == .badValue)
    #expect(negative?.row == 0 && negative?.location?.line == 2)
    let infinite = #expect(throws: SiblingError.self) {
      try Formula(parsing: "log(n + 1) ~ x").bind(to: table())
    }
    #expect(infinite?.row == 0)
    #expect(infinite?.message.contains("infinite") == true)
    // Guarded by ifelse, the row is missing; a row that is dropped anyway may be impossible.
    let guarded = try Formula(parsing: "t ~ ifelse(n > 0, log(n), NA)").bind(to: table())
    #expect(guarded.rows == [2, 3, 4, 5])
    #expect(guarded.dropped == [.init(column: "n", count: 2)])
    let elsewhere = try Formula(parsing: "t ~ sqrt(n) + x")
    #expect(throws: SiblingError.self) { try elsewhere.bind(to: table()) }
    #expect(throws: SiblingError.self) {
      try Formula(parsing: "t ~ 1 + offset(log(n))").bind(to: table())
    }
  }

  @Test func outcomesOfEveryTypeAreRead() throws {
    let table = try Table([
      Column(name: "arm", values: .text(Factor(["old", "new", "old", nil]))),
      Column(name: "three", values: .text(Factor(["a", "b", "c", "a"]))),
      Column(name: "sib", values: .booleans([1, 0, -1, 1])),
      Column(name: "x", values: .doubles([1, 2, 3, 4])),
    ])
    let arm = try Formula(parsing: "arm ~ x").bind(to: table)
    #expect(arm.response == [1, 0, 1])
    #expect(arm.notes == ["arm: \"old\" counts as 1, \"new\" as 0"])
    let chosen = try Formula(parsing: "arm ~ x").bind(to: table, treatedLevel: "new")
    #expect(chosen.response == [0, 1, 0])
    #expect(try Formula(parsing: "sib ~ x").bind(to: table).response == [1, 0, 1])
    #expect(try Formula(parsing: "x > 2 ~ 1").bind(to: table).response == [0, 0, 1, 1])
    #expect(try Formula(parsing: "three == 'b' ~ x").bind(to: table).response == [0, 1, 0, 0])
    #expect(try Formula(parsing: "~ x").bind(to: table).response == nil)
    // A level meant for a treatment on the right leaves an outcome in numbers alone.
    #expect(
      try Formula(parsing: "x ~ arm").bind(to: table, treatedLevel: "new").response == [1, 2, 3])
    let zero = try Formula(parsing: "sib ~ 1").bind(to: table, treatedLevel: "false")
    #expect(zero.response == [0, 1, 0])
    let three = #expect(throws: SiblingError.self) {
      try Formula(parsing: "three ~ x").bind(to: table)
    }
    #expect(three?.code == .wrongType && three?.column == "three")
    let level = #expect(throws: SiblingError.self) {
      try Formula(parsing: "arm ~ x").bind(to: table, treatedLevel: "nwe")
    }
    #expect(level?.code == .unknownLevel && level?.suggestion == "new")
  }

  @Test func errorsPointIntoTheFile() throws {
    let rows = (0..<20).map { $0 == 4 ? "\($0),a few,2" : "\($0),\($0 * 3),2" }
    let text = "id,age,y\n" + rows.joined(separator: "\n") + "\n"
    let table = try CSVReader().read(bytes: Array(text.utf8), name: "people.csv")
    for formula in ["y ~ age", "y ~ log(age)", "age ~ y", "y ~ ns(age, 3)", "y ~ offset(age)"] {
      let error = #expect(throws: SiblingError.self) {
        try Formula(parsing: formula).bind(to: table)
      }
      #expect(error?.code == .wrongType, "\(formula)")
      #expect(
        error?.location == SiblingError.Location(file: "people.csv", line: 6, column: 3),
        "\(formula)"
      )
    }
    #expect(try Formula(parsing: "y ~ factor(age)").bind(to: table).design.columns == 20)
    let infinite = #expect(throws: SiblingError.self) {
      try Formula(parsing: "y ~ log(id)").bind(to: table)
    }
    #expect(
      infinite?.location == SiblingError.Location(file: "people.csv", line: 2, column: 1))
    let header = #expect(throws: SiblingError.self) {
      try Formula(parsing: "y ~ ages").bind(to: table)
    }
    #expect(header?.location?.file == "people.csv" && header?.suggestion == "age")
  }

  @Test func eventsFollowTheRule() throws {
    func events(_ values: Column.Values, _ event: String = "e") throws -> ModelFrame {
      let table = try Table([
        Column(name: "t", values: .doubles([1, 2, 3, 4])), Column(name: "e", values: values),
      ])
      return try Formula(parsing: "Surv(t, \(event)) ~ 1").bind(to: table)
    }
    #expect(try events(.integers([0, 1, 0, 1])).survival?.event == [false, true, false, true])
    #expect(try events(.integers([1, 1, 1, 1])).survival?.event == [true, true, true, true])
    let lung = try events(.integers([1, 2, 2, 1]))
    #expect(lung.survival?.event == [false, true, true, false])
    #expect(lung.notes == ["e: 2 is the event, 1 is censored"])
    #expect(try events(.booleans([1, 0, 0, 1])).survival?.event == [true, false, false, true])
    #expect(
      try events(.integers([1, 3, 2, 3]), "e == 3").survival?.event == [
        false, true, false, true,
      ])
    for bad: [Int] in [[0, 1, 2, 1], [2, 2, 2, 2], [0, 1, 3, 0], [1, 2, 3, 1]] {
      let error = #expect(throws: SiblingError.self) { try events(.integers(bad)) }
      #expect(error?.code == .badValue && error?.column == "e" && error?.row != nil)
    }
    let three = #expect(throws: SiblingError.self) { try events(.integers([0, 1, 3, 0])) }
    #expect(three?.row == 2 && three?.cell == "3")
    let text = #expect(throws: SiblingError.self) {
      try events(.text(Factor(["dead", "alive", "dead", "dead"])))
    }
    #expect(text?.code == .wrongType)
    // A row dropped for something else still shows how events are coded.
    let table = try Table([
      Column(name: "t", values: .doubles([1, 2, 3])),
      Column(name: "e", values: .integers([1, 1, 2])),
      Column(name: "x", values: .doubles([1, 2, .nan])),
    ])
    let rest = try Formula(parsing: "Surv(t, e) ~ x").bind(to: table)
    #expect(rest.survival?.event == [false, false])
  }

  @Test func intervalsAndCausesAreRead() throws {
    let table = try Table([
      Column(name: "a", values: .integers([0, 2, 0])),
      Column(name: "b", values: .integers([2, 5, 4])),
      Column(name: "e", values: .integers([0, 1, 1])),
      Column(name: "bad", values: .integers([2, 2, 4])),
      Column(name: "why", values: .text(Factor(["censored", "moved", "fired"]))),
      Column(name: "code", values: .integers([0, 2, 1])),
    ])
    let interval = try Formula(parsing: "Surv(a, b, e) ~ 1").bind(to: table).survival
    #expect(
      interval == SurvivalResponse(start: [0, 2, 0], time: [2, 5, 4], event: [false, true, true]))
    let error = #expect(throws: SiblingError.self) {
      try Formula(parsing: "Surv(a, bad, e) ~ 1").bind(to: table)
    }
    #expect(error?.code == .badInterval && error?.row == 1)
    let named = try Formula(parsing: "Surv(b, why) ~ 1").bind(to: table, causes: true).survival
    #expect(named?.causes == Factor(codes: [0, 2, 1], levels: ["censored", "fired", "moved"]))
    #expect(named?.event == [false, true, true])
    let coded = try Formula(parsing: "Surv(b, code) ~ 1").bind(to: table, causes: true).survival
    #expect(coded?.causes == Factor(codes: [0, 2, 1], levels: ["0", "1", "2"]))
    let ends = try Formula(parsing: "Surv(b) ~ 1").bind(to: table).survival
    #expect(ends?.event == [true, true, true])
  }

  @Test func strataGroupsOffsetsAndClustersStandApart() throws {
    let table = try Table([
      Column(name: "y", values: .doubles([1, 2, 3, 4])),
      Column(name: "sex", values: .integers([1, 2, 1, 2])),
      Column(name: "ph.ecog", values: .integers([0, 0, 1, 0])),
      Column(name: "site", values: .text(Factor(["n", "s", "n", "s"]))),
      Column(name: "id", values: .integers([7, 7, 9, 9])),
    ])
    let frame = try Formula(
      parsing: "y ~ sex + strata(site, ph.ecog) + offset(log(y)) + offset(id) + cluster(id)"
    ).bind(to: table)
    #expect(frame.design.names == ["(Intercept)", "sex"])
    #expect(
      frame.strata
        == Factor(
          codes: [0, 2, 1, 2],
          levels: ["site=n, ph.ecog=0", "site=n, ph.ecog=1", "site=s, ph.ecog=0"]))
    #expect(
      close(frame.offset ?? [], [7, 7.693147180559945, 10.09861228866811, 10.386294361119891]))
    #expect(frame.clusters == [Factor(codes: [0, 0, 1, 1], levels: ["7", "9"])])
    let arms = try Formula(parsing: "Surv(y, sex == 1) ~ sex + ph.ecog")
      .bind(to: table, purpose: .arms)
    #expect(arms.groups?.levels == ["sex=1, ph.ecog=0", "sex=1, ph.ecog=1", "sex=2, ph.ecog=0"])
    #expect(arms.groups?.codes == [0, 2, 1, 2])
    #expect(arms.design.columns == 0 && arms.design.rows == 4)
    #expect(try Formula(parsing: "Surv(y) ~ 1").bind(to: table, purpose: .arms).groups == nil)
    let n = 1200
    let wide = try Table([
      Column(name: "t", values: .doubles((0..<n).map { Double($0) })),
      Column(name: "u", values: .integers(Array(0..<n))),
    ])
    let many = #expect(throws: SiblingError.self) {
      try Formula(parsing: "Surv(t) ~ t + u").bind(to: wide, purpose: .arms)
    }
    #expect(many?.code == .badDesign)
    let cut = try Formula(parsing: "Surv(y) ~ id > 8").bind(to: table, purpose: .arms)
    #expect(cut.groups?.levels == ["id > 8=FALSE", "id > 8=TRUE"])
  }
}
