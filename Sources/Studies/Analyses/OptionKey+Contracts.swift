/// Options of the verbs of `Verb+Contracts`.
extension OptionKey {
}
