/// Options of the verbs of `Verb+Targets`.
extension OptionKey {
}
