/// The command `sibling`.
@main
struct Sibling {
  static func main() {}
}
