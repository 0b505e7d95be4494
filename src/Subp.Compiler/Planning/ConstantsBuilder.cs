namespace Subp.Compiler.Planning;

/// <summary>Collects what is computed at load and hands out places in the constants, each aligned to 16 floats.</summary>
internal sealed class ConstantsBuilder
{
    private readonly List<PreparedConstant> _constants = [];

    /// <summary>The constants so far.</summary>
    public IReadOnlyList<PreparedConstant> Constants => _constants;

    /// <summary>Their length in floats.</summary>
    public int Length { get; private set; }

    /// <summary>Adds a constant of a length in floats and returns its offset.</summary>
    public int Add(int length, Func<int, int, PreparedConstant> create)
    {
        var offset = Length;
        var rounded = BufferPlanner.RoundUp(length);
        _constants.Add(create(offset, rounded));
        Length = checked(Length + rounded);
        return offset;
    }

    /// <summary>Adds a bias padded to whole blocks; zeros where the layer has none.</summary>
    public int AddBias(string? parameter, int count) =>
        Add(count, (offset, length) => new PaddedVector(offset, length, parameter, parameter is null ? 0 : count));
}
