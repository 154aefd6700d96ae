/// Options of `few-clusters`.
extension OptionKey {
}
