import Engines
import DuckDBEngine
import Testing

struct DuckDBConnectorTests {
  @Test func namesItsEngine() {
    #expect(DuckDBConnector().kind == .duckdb)
  }
}
