namespace Subp.Compiler.Emission;

/// <summary>One file of emitted C#.</summary>
/// <param name="Name">The file name, without folders; unique in a model.</param>
/// <param name="Text">The text, LF line ends.</param>
public sealed record EmittedFile(string Name, string Text);
