using System.Collections.Immutable;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.PortableExecutable;

namespace Subp.Roslyn.Tests.Kernels;

/// <summary>Counts what the methods of an assembly are made of, by decoding their code.</summary>
internal static class IntermediateCode
{
    private static readonly Dictionary<int, OpCode> s_opCodes = typeof(OpCodes)
        .GetFields()
        .Select(field => (OpCode)field.GetValue(null)!)
        .ToDictionary(code => (int)(ushort)code.Value);

    /// <summary>The size of a method.</summary>
    /// <param name="Name">The name.</param>
    /// <param name="Instructions">IL instructions.</param>
    /// <param name="Bytes">IL bytes.</param>
    /// <param name="Locals">Local variables.</param>
    public readonly record struct Method(string Name, int Instructions, int Bytes, int Locals);

    /// <summary>All methods with a body.</summary>
    public static IReadOnlyList<Method> MethodsOf(string assemblyFile)
    {
        using var reader = new PEReader(File.OpenRead(assemblyFile));
        var metadata = reader.GetMetadataReader();
        return
        [
            .. metadata
                .MethodDefinitions.Select(metadata.GetMethodDefinition)
                .Where(method => method.RelativeVirtualAddress != 0)
                .Select(method =>
                {
                    var body = reader.GetMethodBody(method.RelativeVirtualAddress);
                    var code = body.GetILContent();
                    return new Method(metadata.GetString(method.Name), Instructions(code), code.Length, Locals(metadata, body));
                }),
        ];
    }

    private static int Instructions(ImmutableArray<byte> code)
    {
        var (count, position) = (0, 0);
        for (; position < code.Length; count++)
        {
            int value = code[position++];
            if (value == 0xFE)
                value = (value << 8) | code[position++];
            position += OperandLength(s_opCodes[value], code, position);
        }

        return position == code.Length ? count : throw new BadImageFormatException("An instruction ends behind its method.");
    }

    private static int OperandLength(OpCode code, ImmutableArray<byte> bytes, int position) =>
        code.OperandType switch
        {
            OperandType.InlineNone => 0,
            OperandType.ShortInlineBrTarget or OperandType.ShortInlineI or OperandType.ShortInlineVar => 1,
            OperandType.InlineVar => 2,
            OperandType.InlineI8 or OperandType.InlineR => 8,
            OperandType.InlineSwitch => 4 + (4 * BitConverter.ToInt32([.. bytes[position..(position + 4)]])),
            _ => 4,
        };

    private static int Locals(MetadataReader metadata, MethodBodyBlock body)
    {
        if (body.LocalSignature.IsNil)
            return 0;
        var signature = metadata.GetBlobReader(metadata.GetStandaloneSignature(body.LocalSignature).Signature);
        _ = signature.ReadSignatureHeader();
        return signature.ReadCompressedInteger();
    }
}
