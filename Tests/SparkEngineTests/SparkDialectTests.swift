import Engines
import Testing

@testable import SparkEngine

struct SparkDialectTests {
  private let dialect = SparkDialect()

  @Test func quotesNamesInBackticks() {
    #expect(dialect.quoted("a b") == "`a b`")
    #expect(dialect.quoted("a`b") == "`a``b`")
  }

  @Test func writesDoublesThatAreNoDecimals() {
    #expect(dialect.literal(1) == "1.0e0D")
    #expect(dialect.literal(-0.1) == "-0.1e0D")
    #expect(dialect.literal(1e-300) == "1e-300D")
    #expect(dialect.literal(.infinity) == "CAST('Infinity' AS DOUBLE)")
    #expect(dialect.literal(-.infinity) == "CAST('-Infinity' AS DOUBLE)")
    #expect(dialect.literal(.nan) == "CAST('NaN' AS DOUBLE)")
  }

  @Test func escapesText() {
    #expect(dialect.literal("O'Brien") == #"'O\'Brien'"#)
    #expect(dialect.literal(#"a\'; DROP"#) == #"'a\\\'; DROP'"#)
    #expect(dialect.literal("a\nb") == #"'a\nb'"#)
  }

  @Test func tellsFilesFromTables() {
    #expect(dialect.source("/data/a.parquet") == "parquet.`/data/a.parquet`")
    #expect(dialect.source("s3a://b/folder/") == "parquet.`s3a://b/folder/`")
    #expect(dialect.source("x.orc") == "orc.`x.orc`")
    #expect(dialect.source("health.visits") == "`health`.`visits`")
    #expect(dialect.source("delta.`/a/b.c`") == "`delta`.`/a/b.c`")
    #expect(dialect.source("t; DROP TABLE x") == "`t; DROP TABLE x`")
    #expect(SparkFile("a.CSV.gz") == .csv)
    #expect(SparkFile("visits") == nil)
  }
}
