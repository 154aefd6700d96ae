import Engines
import PostgreSQLEngine
import Testing

struct PostgreSQLConnectorTests {
  @Test func namesItsEngine() {
    #expect(PostgreSQLConnector().kind == .postgresql)
  }
}
