/// The version of Sibling, printed by `--version` and written to every manifest.
public enum SiblingVersion {
  /// The version's text.
  public static let text = "0.1.0"
}
