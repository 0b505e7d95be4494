namespace Subp.Roslyn;

/// <summary>What belongs beside a compiled model: <c>Model.pdb</c> and <c>Model.xml</c>.</summary>
/// <param name="Pdb">The portable symbols, with the sources in them.</param>
/// <param name="XmlDocumentation">The documentation of the public members.</param>
public sealed record CompiledSymbols(byte[] Pdb, byte[] XmlDocumentation);
