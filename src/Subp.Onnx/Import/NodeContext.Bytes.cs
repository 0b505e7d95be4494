using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Onnx.Protos;

namespace Subp.Onnx.Import;

/// <content>Quantised bytes, and constants that are whole multiples of scales.</content>
internal sealed partial class NodeContext
{
    /// <summary>An input of bytes that are of the quantisation which further inputs name.</summary>
    /// <exception cref="SubpException">It is of floats, or was quantised otherwise.</exception>
    public GraphValue Bytes(int index, int scale, int zero)
    {
        var value = ValueOfAnyKind(index);
        if (value.Kind != ElementKind.Byte)
            throw Unsupported(
                $"the value '{Node.Input[index]}', which no QuantizeLinear made",
                "bytes that the network computes",
                "Give the network an input of floats with a QuantizeLinear behind it."
            );
        var (named, isSigned) = QuantizationReader.Read(this, scale, zero, value.IsSigned);
        var known = _session.TypeOf(value).Quantization;
        return known == named && value.IsSigned == isSigned
            ? value
            : throw Unsupported($"the quantisation {named} of a value of {known}", "the quantisation that the value was made with");
    }

    /// <summary>What bytes that the network computes stand for.</summary>
    public Quantization QuantizationOf(GraphValue bytes) => _session.TypeOf(bytes).Quantization!;

    /// <summary>An input of any kind as numbers: bytes are the integers that they are in the file.</summary>
    /// <exception cref="SubpException">The input is absent.</exception>
    public GraphValue Number(int index, string role = "input") =>
        ValueOfAnyKind(index, role) is { Kind: ElementKind.Byte } bytes ? ByteNumbers.Of(this, bytes) : ValueOfAnyKind(index, role);

    /// <summary>Adds the quantisation of a value as the first output.</summary>
    public void EmitBytes(Quantization quantization, bool isSigned, GraphValue value) =>
        Define(_session.AddBytes(OutputName, value, quantization) with { IsSigned = isSigned });

    /// <summary>A constant of the network whose numbers are whole multiples of scales, named after the output and a suffix.</summary>
    public ConstantTensor DequantizedConstant(string suffix, TensorProto tensor, float[] scales)
    {
        var name = _session.UniqueValueName($"{OutputName}.{suffix}");
        _session.NoteScales(name, scales);
        return _session.Constant(name, tensor);
    }

    /// <summary>Notes with which scales the constant that is the first output was dequantised.</summary>
    public void NoteScales(float[] scales) => _session.NoteScales(OutputName, scales);

    /// <summary>Notes that an output is made of the elements of an input, and so of multiples of the scales of that.</summary>
    public void KeepScales(int input, int output)
    {
        if (_session.ScalesOf(Constant(input, "input").Name) is { } scales && output < Node.Output.Count)
            _session.NoteScales(Node.Output[output], scales);
    }
}
