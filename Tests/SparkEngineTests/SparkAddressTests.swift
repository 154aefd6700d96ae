import Statistics
import Testing

@testable import SparkEngine

struct SparkAddressTests {
  @Test func readsHostPortAndParameters() throws {
    let address = try SparkAddress(
      "sc://spark.example.org:443/;use_ssl=true;user_id=anna;x-cluster=a%3Bb")
    #expect(address.host == "spark.example.org")
    #expect(address.port == 443)
    #expect(address.isSecure)
    #expect(address.userID == "anna")
    #expect(address.headers.map(\.name) == ["x-cluster"])
    #expect(address.headers.map(\.value) == ["a;b"])
    #expect(
      address.url("Config")
        == "https://spark.example.org:443/spark.connect.SparkConnectService/Config")
  }

  @Test func hasTheUsualPortAndNoTLS() throws {
    let address = try SparkAddress("sc://localhost")
    #expect(address.port == 15002)
    #expect(!address.isSecure)
    #expect(address.token == nil)
    #expect(address.url("Config").hasPrefix("http://localhost:15002/"))
  }

  @Test func takesAnIPv6Host() throws {
    let address = try SparkAddress("sc://[::1]:9000/;token=abcdef")
    #expect(address.host == "[::1]")
    #expect(address.port == 9000)
    #expect(!address.isSecure)
  }

  @Test func aTokenMeansTLSExceptToThisMachine() throws {
    #expect(try SparkAddress("sc://far.example/;token=abcdef").isSecure)
    #expect(try SparkAddress("sc://far.example/;token=abcdef;use_ssl=false").isSecure)
    #expect(try !SparkAddress("sc://localhost/;token=abcdef").isSecure)
  }

  @Test(arguments: [
    "", "localhost:15002", "sc://", "sc://:15002", "sc://h:0", "sc://h:x", "sc://h:70000",
    "sc://[::1", "sc://h/;token", "sc://h/;bad name=1", "sc://h/;x=a%0d%0aauthorization: b",
    "sc://user@h", "sc://h x/",
  ])
  func refusesWhatIsNoAddressWithoutRepeatingIt(_ text: String) {
    let error = #expect(throws: SiblingError.self) { try SparkAddress(text) }
    #expect(error?.code == .badValue)
    if text.utf8.count > 8 { #expect(error?.message.contains(text.dropFirst(5)) == false) }
  }

  @Test func scrubsTheTokenAndTheHost() throws {
    let address = try SparkAddress("sc://far.example:1/;token=s3cr3t-t0ken;x-key=hush-hush")
    let clean = address.scrubbed("far.example said: Bearer s3cr3t-t0ken with hush-hush")
    #expect(clean == "the server said: Bearer … with …")
  }
}
