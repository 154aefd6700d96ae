/// Options of the verbs of `Verb+Incentives`.
extension OptionKey {
}
