/// Options of group-time effects: repeated cross-sections, bootstrap and bands.
extension OptionKey {
  static let groupTimeInference: [OptionKey] = []
}
