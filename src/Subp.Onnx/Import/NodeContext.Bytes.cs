using Subp.Core.Diagnostics;
using Subp.Core.Graphs;
using Subp.Core.Operators;
using Subp.Onnx.Protos;
using DataType = Subp.Onnx.Protos.TensorProto.Types.DataType;

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

    /// <summary>A constant of bytes that are of the quantisation which further inputs name, as bytes of the network.</summary>
    /// <param name="index">The constant.</param>
    /// <param name="scale">The input that is its scale.</param>
    /// <param name="zero">The input that is its zero point.</param>
    /// <param name="shape">The shape that the operator sees.</param>
    /// <exception cref="SubpException">It is of no bytes, or of others than the zero point.</exception>
    public GraphValue ConstantBytes(int index, int scale, int zero, TensorShape shape)
    {
        var tensor = Constant(index, "operand");
        var (named, isSigned) = QuantizationReader.Read(this, scale, zero, tensor.Type == DataType.Int8);
        if (tensor.Type != (isSigned ? DataType.Int8 : DataType.Uint8))
            throw Unsupported($"a constant of type {tensor.Type}", isSigned ? "signed bytes" : "unsigned bytes");
        return ConstantBytes(FormattableString.Invariant($"constant{index}"), tensor, named, isSigned, shape);
    }

    /// <summary>A constant of bytes as bytes of the network; one number fills the shape.</summary>
    public GraphValue ConstantBytes(string suffix, ConstantTensor tensor, Quantization quantization, bool isSigned, TensorShape shape)
    {
        var offset = isSigned ? QuantizationReader.SignedOffset : 0;
        float[] reals = Array.ConvertAll(tensor.ToIntegers(), value => IntegerLayer.Dequantize((int)value + offset, quantization));
        if (reals.Length == 1)
            reals = [.. Enumerable.Repeat(reals[0], shape.ElementCount)];
        ChargeFolded(reals.Length);
        var constant = ComputedConstant(suffix, shape, reals);
        return _session.AddBytes(_session.UniqueValueName($"{OutputName}.{suffix}.bytes"), constant, quantization) with
        {
            IsSigned = isSigned,
        };
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
