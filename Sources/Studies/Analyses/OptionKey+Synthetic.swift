/// Options of `synth`.
extension OptionKey {
}
