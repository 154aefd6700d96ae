import Engines
import Statistics
import Testing

@testable import PostgreSQLEngine

/// What needs no server.
struct PostgreSQLPartsTests {
  @Test func theConnectorNamesItsEngineAndSaysHowToGetIt() {
    let status = PostgreSQLConnector().status()
    #expect(status.kind == .postgresql)
    #expect(status.advice.contains("libpq5") && status.advice.contains("SIBLING_POSTGRESQL"))
  }

  @Test func namesAreQuotedByParts() {
    let dialect = PostgreSQLDialect()
    #expect(dialect.source("a.B") == "\"a\".\"B\"")
    #expect(dialect.source("\"a.b\".c") == "\"a.b\".\"c\"")
    #expect(dialect.source("\"a\"\"b\"") == "\"a\"\"b\"")
    // An accent on a quote makes one character of the two, and the quote is doubled all the same.
    #expect(
      dialect.quoted("\"\u{301}").unicodeScalars.elementsEqual("\"\"\"\u{301}\"".unicodeScalars))
  }

  @Test func longNamesStayApartAndFit() {
    let dialect = PostgreSQLDialect()
    let long = String(repeating: "ä", count: 60)
    let (a, b) = (dialect.quoted(long + "1"), dialect.quoted(long + "2"))
    #expect(a != b)
    #expect(a.utf8.count <= 65 && b.utf8.count <= 65)
    #expect(a == dialect.quoted(long + "1"))
  }

  @Test func theReasonOfARefusalIsFoundInAnyLanguage() {
    let message = ServerMessage(
      connecting: """
        connection to server at "::1", port 5432 failed: Connection refused
        connection to server at "127.0.0.1", port 5432 failed: ВАЖНО:  28P01: пользователь не прошёл проверку
        LOCATION:  auth_failed, auth.c:335
        """)
    #expect(message.state == "28P01")
    #expect(message.text == "пользователь не прошёл проверку")
    #expect(!message.isLoss)
    #expect(ServerMessage(connecting: "could not translate host name").state == "")
    let starting = ServerMessage(
      connecting:
        "connection to server at \"::1\", port 5432 failed: FATAL:  57P03: the database system is starting up"
    )
    #expect(starting.state == "57P03")
    #expect(starting.text == "the database system is starting up")
    #expect(starting.isLoss)
  }

  @Test func bytesOfAnotherFormAreRefused() throws {
    let header: [UInt8] =
      Array("PGCOPY\n".utf8) + [0xFF, 13, 10, 0] + [UInt8](repeating: 0, count: 8)
    func read(_ bytes: [UInt8]) throws -> [Double] {
      var rows = BinaryRows([.number])
      try bytes.withUnsafeBytes { piece in try rows.add(piece) }
      return rows.numbers(0)
    }
    let one: [UInt8] = [0, 1, 0, 0, 0, 8, 0x3F, 0xF0, 0, 0, 0, 0, 0, 0]
    #expect(try read(header + one + one + [0xFF, 0xFF]) == [1, 1])
    #expect(try read(header + [0, 1, 0xFF, 0xFF, 0xFF, 0xFF])[0].isNaN)
    for bad in [
      [UInt8](header.prefix(12)), header + one.dropLast(), header + [0, 2], header + [0],
      header + [0, 1, 0, 0, 0, 4, 0, 0, 0, 0], header + [0, 1, 0xFF, 0, 0, 0],
    ] {
      #expect(throws: SiblingError.self) { try read(bad) }
    }
  }
}
