import Statistics
import Testing

@testable import Tables

@Suite struct FormulaSyntaxTests {
  @Test(arguments: [
    ("", 1), ("y", 2), ("y ~", 4), ("y ~ a b", 7), ("y ~ a +", 8), ("y ~ (a + b", 5),
    ("y ~ a + 2", 9), ("y ~ a + \"b\"", 9), ("y ~ a ~ b", 7), ("y ~ foo(a)", 5),
    ("y ~ a + pol(x, 2)", 9), ("y ~ a^b", 7), ("y ~ a^1.5", 7), ("y ~ x | a*b", 10),
    ("y ~ x | a | b", 7), ("y ~ a:offset(s)", 7), ("strata(s) ~ a", 1), ("y ~ log()", 5),
    ("y ~ mean(x)", 5), ("y ~ a $ b", 7), ("Surv(t, e, f, g) ~ a", 15), ("y ~ a == b == c", 12),
    ("y = a", 3), ("y ~ a + x > 5", 11), ("y ~ a*x == 5 | z", 9), ("y ~ 2x", 6), ("y ~ 'a", 5),
    ("y ~ ns(x, df = 2, knots = 3)", 5),
  ])
  func errorsPointAtTheirPlace(text: String, column: Int) throws {
    let error = #expect(throws: SiblingError.self) {
      let formula = try Formula(parsing: text)
      _ = try formula.bind(
        to: try Table([
          Column(name: "y", values: .doubles([1, 2, 3])),
          Column(name: "x", values: .doubles([1, 2, 3])),
        ]))
    }
    #expect(error?.code == .formulaSyntax, "\(text)")
    #expect(error?.location?.file == "<formula>")
    #expect(error?.location?.line == 1)
    #expect(error?.location?.column == column, "\(text): \(String(describing: error))")
    let lines = (error?.help ?? "").split(separator: "\n", omittingEmptySubsequences: false)
    #expect(lines.last?.count == column && lines.last?.last == "^", "\(text)")
  }

  @Test func termsAreOrderedAndNamedAsInR() throws {
    func labels(_ text: String) throws -> [String] {
      try Formula(parsing: text).termLabels(in: ["y", "a", "b", "c", "my var"])
    }
    #expect(try labels("y ~ (a+b)/c") == ["a", "b", "a:b:c"])
    #expect(
      try labels("y~a*b*c-a:b:c+(a+d)^2") == ["a", "b", "c", "d", "a:b", "a:c", "b:c", "a:d"])
    #expect(try labels("y ~ a + b:a + c %in% a") == ["a", "a:b", "a:c"])
    #expect(try labels("y ~ a %in% (b + c)") == ["a:b:c"])
    #expect(try labels("y ~ a + (b > 5)") == ["a", "b > 5"])
    #expect(try labels("y ~ b > 5") == ["b > 5"])
    #expect(try labels("y ~ .") == ["a", "b", "c", "`my var`"])
    #expect(try labels("log(y) ~ . - b") == ["a", "c", "`my var`"])
    #expect(try labels("Surv(y, a) ~ .") == ["b", "c", "`my var`"])
    #expect(try labels("y ~ . | b + c") == ["a", "`my var`"])
    #expect(try labels("y ~ a + offset(w) + strata(s, t) + cluster(id) + b") == ["a", "b"])
    #expect(try labels("Surv(t, d) ~ a * strata(s)") == ["a", "a:strata(s)"])
    #expect(try labels("y ~ a + a + y") == ["a"])
    #expect(try labels("y ~ 1") == [])
  }

  @Test(arguments: [
    ("poly(x,2,raw=TRUE)", "poly(x, 2, raw = TRUE)"), ("I( x^2 )", "I(x^2)"),
    ("relevel(race,'other')", "relevel(race, \"other\")"), ("I(a%%2)", "I(a%%2)"),
    ("I(a/b*c)", "I(a/b * c)"), ("factor(k,levels=c(1,2))", "factor(k, levels = c(1, 2))"),
    ("log(x+1e5)", "log(x + 1e+05)"), ("I(x*.5)", "I(x * 0.5)"), ("I(-x)", "I(-x)"),
    ("I(!a&b)", "I(!a & b)"), ("I(100000*x)", "I(1e+05 * x)"), ("I(x>=2L)", "I(x >= 2L)"),
    ("I(a %in% c('p',\"q\"))", "I(a %in% c(\"p\", \"q\"))"), ("I(x-(1+2))", "I(x - (1 + 2))"),
    ("`log`", "log"), ("ph.ecog", "ph.ecog"), ("`2x`", "`2x`"), ("I(x**2)", "I(x^2)"),
  ])
  func termsAreWrittenAsRWritesThem(text: String, label: String) throws {
    #expect(try Formula(parsing: "~ " + text).termLabels() == [label])
  }

  @Test func partsAreFound() throws {
    let formula = try Formula(parsing: "Surv(start, stop, status == 2) ~ age + strata(site) | firm")
    #expect(formula.isSurvival)
    #expect(formula.responseName == "Surv(start, stop, status == 2)")
    #expect(formula.columnNames == ["start", "stop", "status", "age", "site", "firm"])
    #expect(formula.absorbed == ["firm"])
    let one = try Formula(parsing: "~ a + log(b)")
    #expect(!one.hasResponse)
    #expect(try one.termColumns(in: []) == ["a", "b"])
    #expect(try Formula(parsing: "y ~ a").responseColumn == "y")
    #expect(try Formula(parsing: "log(y) ~ a").responseColumn == nil)
  }

  @Test func deepAndLongTextIsRefusedNotCrashedOn() throws {
    let deep = String(repeating: "(", count: 5000) + "a" + String(repeating: ")", count: 5000)
    let minus = String(repeating: "-", count: 5000) + "a"
    let power = "(" + (0..<40).map { "a\($0)" }.joined(separator: "+") + ")^20"
    let sum = (0..<3000).map { "a\($0)" }.joined(separator: "+")
    for text in [deep, minus, power, sum] {
      let error = #expect(throws: SiblingError.self) { try Formula(parsing: "y ~ " + text) }
      #expect(error?.code == .formulaSyntax)
    }
    let long = (0..<1000).map { "a\($0)" }.joined(separator: "+")
    #expect(try Formula(parsing: "y ~ " + long).termLabels().count == 1000)
  }

  @Test func unknownFunctionsAndColumnsAreSuggested() throws {
    let function = #expect(throws: SiblingError.self) { try Formula(parsing: "y ~ poly1(x, 2)") }
    #expect(function?.suggestion == "poly")
    let table = try Table([
      Column(name: "y", values: .doubles([1, 2])), Column(name: "weeks", values: .doubles([1, 2])),
    ])
    let column = #expect(throws: SiblingError.self) {
      try Formula(parsing: "y ~ log(week)").bind(to: table)
    }
    #expect(column?.code == .unknownColumn)
    #expect(column?.suggestion == "weeks")
    #expect(column?.column == "week")
  }
}
