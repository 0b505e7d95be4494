namespace Subp.Roslyn;

/// <summary>A compiled model: what belongs into <c>Model.dll</c>, <c>Model.pdb</c> and <c>Model.xml</c>.</summary>
/// <param name="Assembly">The assembly, weights included; it needs the base class library only.</param>
/// <param name="Pdb">The portable symbols, with the sources in them.</param>
/// <param name="XmlDocumentation">The documentation of the public members.</param>
public sealed record CompiledAssembly(byte[] Assembly, byte[] Pdb, byte[] XmlDocumentation);
