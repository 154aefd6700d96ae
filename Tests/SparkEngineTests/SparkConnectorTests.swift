import Engines
import SparkEngine
import Statistics
import Testing

struct SparkConnectorTests {
  private func code(_ connection: String?) -> SiblingError.Code? {
    var settings = EngineSettings()
    settings.connection = connection
    do throws(SiblingError) {
      _ = try SparkConnector().connect(settings)
      return nil
    } catch {
      return error.code
    }
  }

  @Test func namesItsEngine() {
    #expect(SparkConnector().kind == .spark)
  }

  @Test func saysHowToGetIt() {
    let status = SparkConnector().status()
    #expect(status.kind == .spark)
    #expect(status.advice.contains("SIBLING_SPARK"))
    if let version = status.version { #expect(version.contains("libcurl")) }
  }

  @Test(.enabled(if: SparkConnector().status().version != nil, "needs libcurl with HTTP/2"))
  func tellsABadAddressFromAnAbsentServer() {
    #expect(code(nil) == .engineMissing)
    #expect(code("http://localhost") == .badValue)
    // Nobody listens on port 1.
    #expect(code("sc://127.0.0.1:1") == .engineLost)
  }
}
