/// Options of the verbs of `Verb+Value`.
extension OptionKey {
}
