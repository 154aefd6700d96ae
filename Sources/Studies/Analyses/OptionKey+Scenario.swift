/// Options of the verbs of `Verb+Scenario`.
extension OptionKey {
}
