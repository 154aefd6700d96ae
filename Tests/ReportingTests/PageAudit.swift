import Foundation
import FoundationXML

/// An element of a page with what is in it.
final class PageElement {
  let name: String
  let attributes: [String: String]
  var children: [PageElement] = []
  var ownText = ""
  weak var parent: PageElement?

  init(_ name: String, _ attributes: [String: String]) {
    (self.name, self.attributes) = (name, attributes)
  }

  /// The element and all below it, in order.
  var all: [PageElement] { [self] + children.flatMap(\.all) }

  /// Its text and that of all below it.
  var text: String { (ownText + children.map(\.text).joined()) }

  var isBlank: Bool { text.allSatisfy(\.isWhitespace) }

  func elements(_ names: String...) -> [PageElement] { all.filter { names.contains($0.name) } }

  func isWithin(_ name: String) -> Bool {
    parent.map { $0.name == name || $0.isWithin(name) } ?? false
  }
}

/// Reads a page that is well-formed XML.
private final class PageReader: NSObject, XMLParserDelegate {
  var root: PageElement?
  private var open: [PageElement] = []

  func parser(
    _ parser: XMLParser, didStartElement name: String, namespaceURI: String?,
    qualifiedName: String?, attributes: [String: String] = [:]
  ) {
    let element = PageElement(name, attributes)
    element.parent = open.last
    open.last?.children.append(element)
    if open.isEmpty { root = element }
    open.append(element)
  }

  func parser(
    _ parser: XMLParser, didEndElement name: String, namespaceURI: String?, qualifiedName: String?
  ) { open.removeLast() }

  func parser(_ parser: XMLParser, foundCharacters string: String) {
    open.last?.ownText += string
  }
}

/// What WCAG 2.2 and good practice ask of a page that a machine can see, rule by rule.
enum PageAudit {
  typealias Rule = @Sendable (PageElement) -> [String]

  /// The root of a page; nil when it is not well-formed.
  static func read(_ html: String) -> PageElement? {
    let reader = PageReader()
    let parser = XMLParser(data: Data(html.utf8))
    parser.delegate = reader
    return parser.parse() ? reader.root : nil
  }

  /// What is wrong with a page; empty when nothing is.
  static func findings(_ html: String) -> [String] {
    guard html.hasPrefix("<!DOCTYPE html>\n") else { return ["no doctype"] }
    guard let root = read(html) else { return ["not well-formed"] }
    return rules.flatMap { $0(root) }
  }

  static let rules: [Rule] = [
    language, headings, ids, pictures, tables, landmarks, links, focus, nesting, nothingFromOutside,
  ]

  static let language: Rule = { root in
    var found: [String] = []
    if root.name != "html" || root.attributes["lang"] != "en-GB" { found.append("no language") }
    let titles = root.all.filter { $0.name == "title" && $0.parent?.name == "head" }
    if titles.count != 1 || titles[0].isBlank { found.append("no title") }
    return found
  }

  static let headings: Rule = { root in
    var found: [String] = []
    let headings = root.elements("h1", "h2", "h3", "h4", "h5", "h6")
    if headings.count(where: { $0.name == "h1" }) != 1 { found.append("not one h1") }
    var last = 0
    for heading in headings {
      let level = Int(heading.name.dropFirst()) ?? 0
      if level > last + 1 { found.append("heading skips a level: \(heading.text)") }
      if heading.isBlank { found.append("empty heading") }
      last = level
    }
    return found
  }

  static let ids: Rule = { root in
    let ids = root.all.compactMap { $0.attributes["id"] }
    var found = Dictionary(grouping: ids) { $0 }.filter { $0.value.count > 1 }.keys.sorted()
      .map { "id twice: \($0)" }
    for element in root.all {
      for key in ["aria-labelledby", "aria-describedby"] {
        for id in (element.attributes[key] ?? "").split(separator: " ")
        where !ids.contains(String(id)) {
          found.append("\(key) leads nowhere: \(id)")
        }
      }
    }
    return found
  }

  static let pictures: Rule = { root in
    root.elements("img", "svg").flatMap { picture -> [String] in
      if picture.name == "img" {
        return (picture.attributes["alt"] ?? "").isEmpty ? ["picture without words"] : []
      }
      let named = picture.children.filter { ["title", "desc"].contains($0.name) && !$0.isBlank }
      let labels = (picture.attributes["aria-labelledby"] ?? "").split(separator: " ").map(
        String.init)
      guard picture.attributes["role"] == "img", named.count == 2,
        labels == named.compactMap({ $0.attributes["id"] })
      else { return ["chart without role, title or description"] }
      return []
    }
  }

  static let tables: Rule = { root in
    root.elements("table").flatMap { table -> [String] in
      var found: [String] = []
      if table.children.first?.name != "caption" || table.children[0].isBlank {
        found.append("table without caption")
      }
      let rows = table.elements("tr").map { $0.children.filter { ["th", "td"].contains($0.name) } }
      if Set(rows.map(\.count)).count != 1 { found.append("rows of different lengths") }
      for head in table.elements("th") {
        let wanted = head.isWithin("thead") ? "col" : "row"
        if head.attributes["scope"] != wanted { found.append("th without scope: \(head.text)") }
        if head.isBlank { found.append("empty th") }
      }
      if rows.first?.contains(where: { $0.name == "th" }) != true { found.append("no heads") }
      return found
    }
  }

  static let landmarks: Rule = { root in
    var found: [String] = []
    if root.elements("main").count != 1 { found.append("not one main") }
    for element in root.elements("nav", "section", "figure")
    where element.attributes["aria-labelledby"] == nil && element.attributes["aria-label"] == nil {
      found.append("\(element.name) without a name")
    }
    let body = root.children.first { $0.name == "body" }
    for child in body?.children ?? []
    where !["main", "header", "footer", "nav"].contains(child.name)
      && child.attributes["class"] != "skip"
    {
      found.append("\(child.name) outside the landmarks")
    }
    return found
  }

  static let links: Rule = { root in
    var found: [String] = []
    let ids = Set(root.all.compactMap { $0.attributes["id"] })
    for link in root.elements("a") {
      let target = link.attributes["href"] ?? ""
      if link.isBlank { found.append("link without words: \(target)") }
      if target.isEmpty || target.lowercased().hasPrefix("javascript") {
        found.append("link to nowhere: \(link.text)")
      }
      if target.hasPrefix("#"), !ids.contains(String(target.dropFirst())) {
        found.append("no such place: \(target)")
      }
      if link.isWithin("a") { found.append("link in a link") }
    }
    let first = root.elements("a").first
    if first?.attributes["class"] != "skip" { found.append("no skip link") }
    return found
  }

  static let focus: Rule = { root in
    root.all.compactMap { element in
      guard let text = element.attributes["tabindex"] else { return nil }
      if (Int(text) ?? 1) > 0 { return "tabindex \(text)" }
      let isNamed = element.attributes["aria-labelledby"] != nil || element.name == "pre"
      return isNamed ? nil : "focus on something without a name"
    }
  }

  static let nesting: Rule = { root in
    let blocks: Set<String> = [
      "p", "div", "section", "table", "ul", "ol", "figure", "h1", "h2", "h3", "pre", "nav",
    ]
    let onlyIn: [String: Set<String>] = [
      "li": ["ul", "ol"], "tr": ["thead", "tbody"], "td": ["tr"], "th": ["tr"],
      "thead": ["table"], "tbody": ["table"], "caption": ["table"], "figcaption": ["figure"],
    ]
    return root.all.compactMap { element in
      if let allowed = onlyIn[element.name], !allowed.contains(element.parent?.name ?? "") {
        return "\(element.name) in \(element.parent?.name ?? "nothing")"
      }
      if ["ul", "ol"].contains(element.parent?.name ?? ""), element.name != "li" {
        return "\(element.name) in a list"
      }
      let isInLine = ["p", "h1", "h2", "h3", "h4", "strong", "em", "a", "code", "span"]
        .contains(element.parent?.name ?? "")
      return isInLine && blocks.contains(element.name)
        ? "\(element.name) in \(element.parent?.name ?? "")" : nil
    }
  }

  static let nothingFromOutside: Rule = { root in
    root.all.flatMap { element -> [String] in
      var found: [String] = []
      if ["script", "link", "iframe", "object", "embed", "base"].contains(element.name) {
        found.append("\(element.name) in the page")
      }
      if element.attributes["src"] != nil { found.append("something is loaded") }
      if element.attributes.keys.contains(where: { $0.hasPrefix("on") }) {
        found.append("a script in an attribute")
      }
      if element.name == "style", element.text.contains("url(") || element.text.contains("@import")
      {
        found.append("the style loads something")
      }
      return found
    }
  }
}
