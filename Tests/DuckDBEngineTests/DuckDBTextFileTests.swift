import EngineConformance
import Engines
import Foundation
import Statistics
import Tables
import Testing

@testable import DuckDBEngine

struct DuckDBTextFileTests {
  /// Columns that are easy to take for something else.
  private static let text = """
    int;big;pad;num;words;truth;other;day;noday;gap;mixed;quoted
    +3;9223372036854775807;007;1;inf;true;True;2024-02-29;2023-02-29;NA;1;"a;""b"
    -4;99999999999999999999;12;.5;1;FALSE;False;1970-01-01;2024-01-01;.;x;" c "
    NA;NULL;null;1e3;2;.;;NaN; ;null;true;NA

    """

  @Test func columnsHaveTheTypesThatTheReaderInMemoryGivesThem() throws {
    let folder = try TestFolder()
    let path = try folder.write("types.csv", Self.text)
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    let memory = MemoryEngine([path: try CSVReader().read(path: path)])
    #expect(try engine.schema(of: .named(path)) == (try memory.schema(of: .named(path))))
    for column in try memory.schema(of: .named(path)) {
      let query = AggregateQuery(.named(path), keys: [.init("k", .text(column: column.name))])
      if column.type == .number {
        let sum = AggregateQuery(
          .named(path),
          sums: [.init("s", .column(column.name)), .init("m", .isAbsent(column.name))])
        #expect(try engine.aggregate(sum) == (try memory.aggregate(sum)), "\(column.name)")
      } else {
        #expect(try engine.aggregate(query) == (try memory.aggregate(query)), "\(column.name)")
      }
    }
  }

  @Test func aPatternReadsSeveralFiles() throws {
    let folder = try TestFolder()
    _ = try folder.write("part-1.csv", "x,g\n1,a\n2,b\n")
    _ = try folder.write("part-2.csv", "x,g\n2.5,a\n")
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    let source = EngineSource.named("\(folder.path)/part-*.csv")
    #expect(try engine.schema(of: source).map(\.type) == [.number, .text])
    let cells = try engine.aggregate(AggregateQuery(source, sums: [.init("x", .column("x"))]))
    #expect(cells.rowCount == 3)
    #expect(cells.sums == [[5.5]])
  }

  @Test func aHeaderIsNeededWithNamesThatDiffer() throws {
    let folder = try TestFolder()
    let engine = try DuckDBHere.connect()
    defer { engine.close() }
    for (text, code) in [
      ("", SiblingError.Code.emptyFile), ("a,,b\n1,2,3\n", .badValue),
      ("a,A\n1,2\n", .duplicateColumn),
      ("a,b\n1,2\n3\n", .engineFailed), ("a,b\n1,2,98765\n", .engineFailed),
    ] {
      let path = try folder.write("bad.csv", text)
      let failure = DuckDBHere.failure { _ = try engine.schema(of: .named(path)) }
      #expect(failure?.code == code, "\(text)")
      #expect(failure?.message.contains("98765") == false)
    }
  }
}
