import Engines
import SparkEngine
import Testing

struct SparkConnectorTests {
  @Test func namesItsEngine() {
    #expect(SparkConnector().kind == .spark)
  }
}
