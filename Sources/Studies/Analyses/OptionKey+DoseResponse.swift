/// Options of the verbs of `Verb+DoseResponse`.
extension OptionKey {
}
