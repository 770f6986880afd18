"""What is said of a kernel that was found."""

from blindsr.cli.words import belief_as_record, belief_in_words, kernel_in_words
from blindsr.estimation import KernelEstimate
from srbase.kernels.kernel import SRKernel

SAID = ("a second lobe of 40 %", "only 1 of 4 games agree")


def test_a_game_alone_says_nothing_unless_it_is_in_doubt():
    sound = KernelEstimate(SRKernel.bicubic(2))
    assert belief_in_words(sound, None) is None
    assert kernel_in_words(sound, None) == []
    assert belief_as_record(sound, None) is None


def test_doubts_are_a_line_for_people():
    doubted = KernelEstimate(SRKernel.bicubic(2), doubts=SAID)
    line = "the kernel is doubtful: a second lobe of 40 %, only 1 of 4 games agree"
    assert belief_in_words(doubted, None) == line
    assert kernel_in_words(doubted, None) == [line]
