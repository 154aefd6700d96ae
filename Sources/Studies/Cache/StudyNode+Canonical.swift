extension StudyNode {
  /// The node as a text that is the same exactly when the node says the same: comments, layout and
  /// quotes that change nothing are left out, lengths stand before texts so that none runs into the
  /// next.
  var canonical: String {
    if isMapping {
      let members = keys.map { key in "\(counted(key.name))\(self[key.name]?.canonical ?? "")" }
      return "{\(members.joined())}"
    }
    if isList { return "[\(elements.map(\.canonical).joined())]" }
    return text.map { counted($0) } ?? "~"
  }

  private func counted(_ text: String) -> String { "\(text.utf8.count):\(text)" }
}
